// How each PLC and SCADA system is doing.
import { clock, number, since } from './kit.js'

export function connections({ React, h, useAsk, row, Trouble, patternfly }) {
    const {
        Card,
        CardBody,
        CardTitle,
        DescriptionList,
        Gallery,
        Label,
        Spinner,
        Title,
    } = patternfly

    const Connection = ({ status }) =>
        h(
            Card,
            { component: 'li' },
            h(
                CardTitle,
                { component: 'h2' },
                status.connection,
                ' ',
                h(
                    Label,
                    { color: status.connected ? 'green' : 'red', isCompact: true },
                    status.connected ? 'connected' : 'not connected',
                ),
            ),
            h(
                CardBody,
                null,
                h(
                    DescriptionList,
                    { isHorizontal: true, isCompact: true },
                    row(
                        'Last reading',
                        status.lastReading
                            ? `${since(status.lastReading, new Date().toISOString())} ago`
                            : 'none since the start',
                    ),
                    row('Readings', number(status.readings)),
                    row('Reconnects', number(status.reconnects)),
                    row('Failures', number(status.failures)),
                    status.overflows > 0 && row('Overflows at the server', number(status.overflows)),
                    status.skippedPolls > 0 && row('Polls left out', number(status.skippedPolls)),
                    status.lastError && row('Last failure', status.lastError),
                ),
            ),
        )

    return function Connections() {
        const { answer, error } = useAsk('/api/v1/connections', 2)
        const { answer: now } = useAsk('/api/v1/overview', 5)
        if (!answer) {
            return error ? h(Trouble, { text: error }) : h(Spinner, { 'aria-label': 'The hub is asked' })
        }
        return h(
            React.Fragment,
            null,
            h(Title, { headingLevel: 'h1', className: 'unshub-gap' }, 'Connections'),
            h(Trouble, { text: error }),
            h(
                Gallery,
                { hasGutter: true, component: 'ul', minWidths: { default: '18rem' } },
                answer.map(status => h(Connection, { key: status.connection, status })),
                h(
                    Card,
                    { key: ' far side', component: 'li' },
                    h(
                        CardTitle,
                        { component: 'h2' },
                        'Event Hubs ',
                        now &&
                            h(
                                Label,
                                { color: now.away ? 'red' : 'green', isCompact: true },
                                now.away ? 'takes nothing' : 'takes readings',
                            ),
                    ),
                    h(
                        CardBody,
                        null,
                        now &&
                            h(
                                DescriptionList,
                                { isHorizontal: true, isCompact: true },
                                row('Forwarded', number(now.passed.forwarded)),
                                row('Waiting', number(now.waiting.buffer)),
                                now.away && row('Since', clock(now.away.since)),
                                now.away && row('Why', now.away.cause),
                            ),
                    ),
                ),
            ),
            answer.length === 0 && h('p', null, 'No connection is configured.'),
        )
    }
}
