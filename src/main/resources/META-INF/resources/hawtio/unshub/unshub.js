// The hub's own pages in Hawtio: one plugin with a row of pages.
import { kit } from './kit.js'
import { overview } from './overview.js'
import { namespace } from './namespace.js'
import { deadLetters } from './dead-letters.js'
import { connections } from './connections.js'
import { routes } from './routes.js'

const PATH = '/unshub'

/** Adds the plugin to Hawtio, with the React and the PatternFly that Hawtio itself uses. */
export function unshub(hawtioReact, React, patternfly, router) {
    const use = kit(React, patternfly, router)
    const { h, useAsk } = use
    const { Nav, NavItem, NavList, PageNavigation, PageSection } = patternfly
    const { Navigate, NavLink, Route, Routes, useLocation } = router

    const pages = [
        { id: 'overview', title: 'Overview', component: overview(use) },
        { id: 'namespace', title: 'Namespace', component: namespace(use) },
        { id: 'dead-letters', title: 'Dead letters', component: deadLetters(use) },
        { id: 'connections', title: 'Connections', component: connections(use) },
        { id: 'routes', title: 'Routes', component: routes(use) },
    ]

    function Frame() {
        const { pathname } = useLocation()
        const { answer: account } = useAsk('/hawtio/account')
        const operator = account?.role === 'operator'
        // on a phone the row of pages is wider than the screen
        React.useEffect(() => {
            document
                .querySelector('.unshub [aria-current=page]')
                ?.scrollIntoView({ block: 'nearest', inline: 'center' })
        }, [pathname])
        const links = pages.map(({ id, title }) =>
            h(
                NavItem,
                { key: id, itemId: id, isActive: pathname.startsWith(PATH + '/' + id) },
                h(NavLink, { to: PATH + '/' + id }, title),
            ),
        )
        const shown = pages.map(({ id, component }) =>
            h(Route, { key: id, path: id, element: h(component, { operator }) }),
        )
        return h(
            'div',
            { className: 'unshub' },
            h(
                PageNavigation,
                null,
                h(
                    Nav,
                    { variant: 'tertiary', 'aria-label': 'Pages of the hub' },
                    h(NavList, null, links),
                ),
            ),
            h(
                PageSection,
                { className: 'unshub-page' },
                h(
                    Routes,
                    null,
                    shown,
                    h(Route, {
                        key: 'first',
                        path: '*',
                        element: h(Navigate, { to: PATH + '/overview', replace: true }),
                    }),
                ),
            ),
        )
    }

    hawtioReact.hawtio.addPlugin({
        id: 'unshub',
        title: 'UNS Hub',
        path: PATH,
        order: -10,
        component: Frame,
        isActive: async () => true,
    })
}
