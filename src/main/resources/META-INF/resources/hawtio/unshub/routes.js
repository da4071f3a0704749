// The routes: the plant's own with what they read and what is wrong, and the shipped ones.
import { clock, number, since } from './kit.js'

const STATES = {
    RUNNING: { text: 'runs', color: 'green' },
    STOPPED: { text: 'stopped', color: 'orange' },
    REFUSED: { text: 'refused', color: 'red' },
}

/** What runs while a file is refused. */
export function meanwhile(route) {
    if (route.state !== 'REFUSED') {
        return null
    }
    if (!route.running) {
        return 'Nothing runs in its place.'
    }
    return route.origin === 'OWN_FOR_SHIPPED'
        ? 'What was in force before, or the shipped route, runs on.'
        : 'The version before runs on.'
}

export function routes({ React, h, useAsk, row, Trouble, patternfly }) {
    const { Alert, Card, CardBody, CardTitle, DescriptionList, Gallery, Label, Spinner, Title } = patternfly

    const Findings = ({ route }) =>
        h(
            Alert,
            {
                variant: 'danger',
                isInline: true,
                className: 'unshub-gap',
                title: `${route.file} is not in force as it stands`,
            },
            h(
                'ul',
                { className: 'unshub-found' },
                route.problems.map(({ line, rule, text }, i) =>
                    h('li', { key: i }, h('strong', null, `Line ${line}, [${rule}]: `), text),
                ),
            ),
            meanwhile(route),
        )

    const its = (reads, at) => [
        row('Subscription', reads.name),
        row('Topics', h('span', { className: 'unshub-topic' }, reads.topics.join(', '))),
        row('Waiting (copies)', `${number(reads.waiting)} of at most ${number(reads.mostWaiting)}`),
        row('Handled', number(reads.handled)),
        reads.skipped > 0 && row('Not copied, as too many waited', number(reads.skipped)),
        reads.passedOver > 0 && row('Failed and left out', number(reads.passedOver)),
        reads.late > 0 && row('Too late for a step', number(reads.late)),
        reads.failing && row('Fails', `since ${since(reads.failing.since, at)}: ${reads.failing.why}`),
    ]

    const Route = ({ route, at }) => {
        const { text, color } = STATES[route.state]
        return h(
            Card,
            { component: 'li', 'data-route': route.route },
            h(
                CardTitle,
                { component: 'h3', className: 'unshub-topic' },
                route.route,
                ' ',
                h(Label, { color, isCompact: true }, text),
            ),
            h(
                CardBody,
                null,
                route.problems.length > 0 && h(Findings, { route }),
                route.alarms.map(alarm =>
                    h(
                        Alert,
                        {
                            key: alarm.name,
                            variant: 'warning',
                            isInline: true,
                            className: 'unshub-gap',
                            title: `${alarm.name}, since ${clock(alarm.since)}`,
                        },
                        // what is wrong with a file stands above, line by line
                        route.problems.length === 0 && h('p', null, alarm.text),
                        h('p', null, 'Runbook: ' + route.runbook),
                    ),
                ),
                h(
                    DescriptionList,
                    { isHorizontal: true, isCompact: true },
                    row(
                        'File',
                        h(
                            'span',
                            { className: 'unshub-topic' },
                            route.file,
                            route.origin === 'OWN_FOR_SHIPPED' && ', in the place of the shipped one',
                        ),
                    ),
                    row(route.state === 'REFUSED' ? 'Refused since' : 'In force since', clock(route.since)),
                    route.orders.map(({ action, by, at }) => row('Ordered', `${action} by ${by}, ${clock(at)}`)),
                    row(
                        'SHA-256 in force',
                        h('span', { className: 'unshub-topic unshub-code unshub-small' }, route.inForce ?? 'none'),
                    ),
                    route.reads.map(reads => its(reads, at)),
                ),
            ),
        )
    }

    const Section = ({ title, none, children }) =>
        h(
            React.Fragment,
            null,
            h(Title, { headingLevel: 'h2', className: 'unshub-gap' }, title),
            children.length === 0
                ? h('p', { className: 'unshub-gap' }, none)
                : h(
                      Gallery,
                      {
                          hasGutter: true,
                          component: 'ul',
                          'aria-label': title,
                          minWidths: { default: 'min(22rem, 100%)' },
                          className: 'unshub-gap',
                      },
                      children,
                  ),
        )

    return function Routes() {
        const { answer, error } = useAsk('/api/v1/routes', 2)
        if (!answer) {
            return error ? h(Trouble, { text: error }) : h(Spinner, { 'aria-label': 'The hub is asked' })
        }
        const cards = own =>
            answer.routes
                .filter(route => (route.origin !== 'SHIPPED') === own)
                .map(route => h(Route, { key: route.route, route, at: answer.at }))
        return h(
            React.Fragment,
            null,
            h(Title, { headingLevel: 'h1', className: 'unshub-gap' }, 'Routes'),
            h(Trouble, { text: error }),
            h(
                Section,
                { title: 'Your own', none: 'No file stands in config/routes; uns-hub routes new makes one.' },
                cards(true),
            ),
            h(Section, { title: 'Shipped', none: 'None.' }, cards(false)),
        )
    }
}
