// The data path: what passes, what waits and where, how long the buffer lasts.
import { bytes, clock, number, rate, since, span } from './kit.js'

const WINDOW = 10
const WARNING = 80
const ERROR = 95

/** Rates over the last seconds, of counts that only grow. */
export function rates(samples) {
    const first = samples[0]
    const last = samples[samples.length - 1]
    const seconds = first && (Date.parse(last.at) - Date.parse(first.at)) / 1000
    return of => (seconds > 0 ? Math.max(0, (of(last.passed) - of(first.passed)) / seconds) : null)
}

const withheld = passed => Object.values(passed.withheld).reduce((sum, count) => sum + count, 0)

export function forecast(buffer) {
    if (buffer.readings === 0) {
        return 'Nothing waits.'
    }
    if (buffer.full) {
        return 'Full: publishers wait for their acknowledgement. Nothing is lost.'
    }
    if (buffer.hoursUntilFull != null) {
        return `At this rate it is full in ${span(buffer.hoursUntilFull * 3600)}.`
    }
    if (buffer.drainSeconds != null) {
        return `At this rate it is empty in ${span(buffer.drainSeconds)}.`
    }
    return 'As much goes out as comes in.'
}

export function overview({ React, h, useAsk, row, Trouble, patternfly, router }) {
    const {
        Alert,
        Card,
        CardBody,
        CardTitle,
        DescriptionList,
        Gallery,
        Grid,
        GridItem,
        Progress,
        Spinner,
        Title,
    } = patternfly
    const { Link } = router

    const Stage = ({ title, perSecond, total, children }) =>
        h(
            Card,
            { isCompact: true, component: 'li', className: 'unshub-stage' },
            h(CardTitle, { component: 'h3' }, title),
            h(
                CardBody,
                null,
                h('div', { className: 'unshub-figure' }, rate(perSecond)),
                h('div', null, number(total), ' in all'),
                children,
            ),
        )

    function Buffer({ now }) {
        const { buffer } = now
        if (!buffer) {
            return h(Card, { isFullHeight: true }, h(CardTitle, null, 'Buffer'), h(CardBody, null, 'Not looked at yet.'))
        }
        const fill = buffer.fillPercent
        return h(
            Card,
            { isFullHeight: true },
            h(CardTitle, { component: 'h2' }, 'Buffer'),
            h(
                CardBody,
                null,
                h(Progress, {
                    value: Math.min(100, fill),
                    title: `${bytes(buffer.bytes)} of ${bytes(buffer.allowedBytes)}`,
                    label: fill.toFixed(fill < 10 ? 1 : 0) + ' %',
                    valueText: fill.toFixed(1) + ' percent full',
                    variant: fill >= ERROR ? 'danger' : fill >= WARNING ? 'warning' : undefined,
                    className: 'unshub-gap',
                }),
                h('p', { className: 'unshub-gap', 'data-unshub': 'forecast' }, forecast(buffer)),
                h(
                    DescriptionList,
                    { isHorizontal: true, isCompact: true },
                    row('Oldest reading', buffer.oldestUtc ? since(buffer.oldestUtc, now.at) + ' ago' : 'none waits'),
                    row('In, last 5 min', rate(buffer.acceptedPerSecond)),
                    row('Out, last 5 min', rate(buffer.forwardedPerSecond)),
                ),
            ),
        )
    }

    const Waiting = ({ waiting }) =>
        h(
            Card,
            { isFullHeight: true },
            h(CardTitle, { component: 'h2' }, 'Where readings wait'),
            h(
                CardBody,
                null,
                h(
                    DescriptionList,
                    { isHorizontal: true, isCompact: true },
                    row('To be taken in', number(waiting.ingest)),
                    row('For Event Hubs', number(waiting.buffer)),
                    row('For a model (copies)', number(waiting.score)),
                    row(
                        'For a person',
                        h(Link, { to: '/unshub/dead-letters' }, `${number(waiting.deadLetters)} dead letter${waiting.deadLetters === 1 ? '' : 's'}`),
                    ),
                    row('To be replayed', number(waiting.replay)),
                ),
            ),
        )

    return function Overview() {
        const { answer: now, error } = useAsk('/api/v1/overview', 1)
        const samples = React.useRef([])
        if (now && samples.current[samples.current.length - 1] !== now) {
            samples.current = [...samples.current, now].slice(-WINDOW)
        }
        if (!now) {
            return error ? h(Trouble, { text: error }) : h(Spinner, { 'aria-label': 'The hub is asked' })
        }
        const of = rates(samples.current)
        const { passed } = now
        return h(
            React.Fragment,
            null,
            h(Title, { headingLevel: 'h1', className: 'unshub-gap' }, 'Data path'),
            h(Trouble, { text: error }),
            now.away &&
                h(
                    Alert,
                    {
                        variant: 'warning',
                        isInline: true,
                        className: 'unshub-gap',
                        title: `Event Hubs takes nothing since ${clock(now.away.since)}`,
                    },
                    now.away.cause + ' Readings wait in the buffer, none is lost.',
                ),
            now.alarms.map(alarm =>
                h(
                    Alert,
                    {
                        key: alarm.name,
                        variant: alarm.severity === 'ERROR' ? 'danger' : 'warning',
                        isInline: true,
                        className: 'unshub-gap',
                        title: `${alarm.name}, since ${clock(alarm.since)}`,
                    },
                    alarm.text,
                ),
            ),
            h(
                Gallery,
                {
                    hasGutter: true,
                    component: 'ol',
                    'aria-label': 'What passes',
                    minWidths: { default: '9rem' },
                    className: 'unshub-gap',
                },
                h(Stage, { title: 'Taken in', perSecond: of(p => p.accepted), total: passed.accepted }),
                h(Stage, { title: 'Set aside', perSecond: of(p => p.deadLettered), total: passed.deadLettered }),
                h(Stage, { title: 'Came again', perSecond: of(p => p.deduplicated), total: passed.deduplicated }),
                h(
                    Stage,
                    { title: 'Stays on the plant', perSecond: of(withheld), total: withheld(passed) },
                    Object.entries(passed.withheld).map(([rule, count]) =>
                        h('div', { key: rule, className: 'unshub-small' }, `${rule}: ${number(count)}`),
                    ),
                ),
                h(Stage, { title: 'Forwarded', perSecond: of(p => p.forwarded), total: passed.forwarded }),
            ),
            h(
                Grid,
                { hasGutter: true },
                h(GridItem, { md: 6 }, h(Buffer, { now })),
                h(GridItem, { md: 6 }, h(Waiting, now)),
            ),
        )
    }
}
