// The entry of the console: the parts of Hawtio that the hub offers, and the hub's own pages.
// The numbers are those of the console that is unpacked beside this file; its build made them.
(self.webpackChunkartemis_console_app = self.webpackChunkartemis_console_app || []).push([
    ['unshub'],
    {},
    async bundle => {
        const chunks = (...ids) => Promise.all(ids.map(id => bundle.e(id)))
        await bundle.I('default')
        const shared = async name => (await Object.values(bundle.S.default[name])[0].get())()

        const hawtioReact = await shared('@hawtio/react')
        const React = await shared('react')
        const { createRoot } = await shared('react-dom')
        const patternfly = await shared('@patternfly/react-core')
        const router = await shared('react-router-dom')
        await chunks(176, 612, 806, 631, 695, 828, 680, 144, 660, 786)
        const { Hawtio } = bundle(54635)
        const { artemis } = bundle(54786)

        // Hawtio draws no route at all where one has something before its from, as an error handler:
        // the line to it would come from nowhere
        const drawing = bundle(63842).graphlib.Graph.prototype
        const { setEdge } = drawing
        drawing.setEdge = function (from, ...to) {
            return from === '' ? this : setEdge.call(this, from, ...to)
        }

        // Hawtio opens what its login page leads to in another window; who logs in there has two
        document.addEventListener('click', ({ target }) => {
            target.closest('a[href$="/auth/oidc"]')?.setAttribute('target', '_self')
        }, true)

        const { unshub } = await import('./unshub.js')
        unshub(hawtioReact, React, patternfly, router)
        hawtioReact.camel()
        artemis()
        hawtioReact.jmx()

        await hawtioReact.hawtio.bootstrap()
        createRoot(document.getElementById('root')).render(React.createElement(Hawtio))
    },
])
