// The Unified Namespace: a tree of topics with their latest readings, and one of them closely.
import { chart } from './chart.js'
import { clock, number, since } from './kit.js'

const COLORS = { GOOD: 'green', SIMULATED: 'blue', STALE: 'orange', ERROR: 'red' }
const LONGEST = 24

export function shown(value) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return text.length > LONGEST ? text.slice(0, LONGEST) + '…' : text
}

/** A value with its units; 1 is the unit of what has none. */
export const measured = ({ value, units }) => (units === '1' ? shown(value) : `${shown(value)} ${units}`)

/** The hub's levels as PatternFly's tree wants them; what is closed has one child that is never seen. */
export function items(levels, below, at, leaf) {
    return levels.map(level => ({
        id: level.path,
        name: leaf(level, at),
        children: level.parent
            ? items(
                  below[level.path] ?? [{ name: '…', path: level.path + '/…', parent: false, latest: null }],
                  below,
                  at,
                  leaf,
              )
            : undefined,
    }))
}

export function namespace(use) {
    const { React, h, useAsk, row, Trouble, patternfly, router } = use
    const {
        Button,
        Card,
        CardBody,
        CardTitle,
        DescriptionList,
        Grid,
        GridItem,
        Label,
        SearchInput,
        Spinner,
        Title,
        TreeView,
    } = patternfly
    const { useSearchParams } = router
    const Chart = chart(use)

    const Quality = ({ quality }) => h(Label, { color: COLORS[quality] ?? 'grey', isCompact: true }, quality)

    const reading = latest => [
        h('span', { key: 'value', className: 'unshub-value' }, measured(latest)),
        ' ',
        h(Quality, { key: 'quality', quality: latest.quality }),
    ]

    const leaf = (level, at) =>
        h(
            'span',
            { className: 'unshub-leaf', 'data-topic': level.latest ? level.path : undefined },
            h('span', null, level.name),
            level.latest && h('span', null, reading(level.latest)),
            level.latest &&
                h('span', { className: 'unshub-small' }, since(level.latest.acceptedUtc, at)),
        )

    function Found({ text, choose }) {
        const { answer, error } = useAsk('/api/v1/uns/topics?containing=' + encodeURIComponent(text), 1)
        if (!answer) {
            return error ? h(Trouble, { text: error }) : h(Spinner, { size: 'md', 'aria-label': 'Searching' })
        }
        return h(
            'ul',
            { className: 'unshub-found', 'aria-label': `Topics with ${text}` },
            answer.found.map(latest =>
                h(
                    'li',
                    { key: latest.topic },
                    h(Button, { variant: 'link', isInline: true, onClick: () => choose(latest.topic) }, latest.topic),
                    h('div', null, reading(latest)),
                ),
            ),
            answer.found.length === 0 && h('li', null, 'No topic has that in it.'),
        )
    }

    function Tree({ topic, choose }) {
        const [open, setOpen] = React.useState(ancestors(topic))
        const query = open.map(path => 'under=' + encodeURIComponent(path)).join('&')
        const { answer, error } = useAsk('/api/v1/uns?' + query, 1)
        const closed = React.useRef(new Set())
        React.useEffect(() => {
            const alone = Object.values(answer?.below ?? {})
                .filter(levels => levels.length === 1 && levels[0].parent)
                .map(levels => levels[0].path)
                .filter(path => !open.includes(path) && !closed.current.has(path))
            if (alone.length) {
                setOpen([...open, ...alone])
            }
        }, [answer, open])
        if (!answer) {
            return error ? h(Trouble, { text: error }) : h(Spinner, { size: 'md', 'aria-label': 'The hub is asked' })
        }
        const levels = answer.below[''] ?? []
        const data = items(levels, answer.below, answer.at, leaf)
        const wasOpen = new Set(open)
        const mark = each => {
            each.defaultExpanded = wasOpen.has(each.id)
            each.children?.forEach(mark)
        }
        data.forEach(mark)
        return h(
            React.Fragment,
            null,
            h(Trouble, { text: error }),
            levels.length === 0
                ? h('p', null, 'No reading came since the start.')
                : h(TreeView, {
                      'aria-label': 'Topics',
                      data,
                      activeItems: topic ? [{ id: topic }] : [],
                      onSelect: (_event, item) => item.children || choose(item.id),
                      onExpand: (_event, item) => setOpen(paths => [...new Set([...paths, item.id])].slice(-100)),
                      onCollapse: (_event, item) => {
                          closed.current.add(item.id)
                          setOpen(paths => paths.filter(path => path !== item.id))
                      },
                  }),
            h(
                'p',
                { className: 'unshub-small' },
                `${number(answer.topics)} topics since the start` + (answer.full ? ', and maybe more' : ''),
            ),
        )
    }

    const ancestors = topic =>
        (topic ?? '')
            .split('/')
            .slice(0, -1)
            .map((_level, i, all) => all.slice(0, i + 1).join('/'))

    /** The message history, as routes wrote it down. */
    const Places = ({ history }) =>
        h(
            'ol',
            { className: 'unshub-found', 'aria-label': 'Places that the reading came through' },
            history.map((place, i) =>
                h(
                    'li',
                    { key: i },
                    [place.hub, place.route, place.step].filter(part => part).join(' › '),
                    ' ',
                    h('span', { className: 'unshub-small' }, place.at),
                ),
            ),
        )

    function Closely({ topic }) {
        const { answer, error } = useAsk('/api/v1/uns/readings?topic=' + encodeURIComponent(topic), 1)
        const latest = answer?.series.latest
        return h(
            Card,
            { 'aria-live': 'off' },
            h(CardTitle, { component: 'h2', className: 'unshub-topic' }, topic),
            h(
                CardBody,
                null,
                h(Trouble, { text: error }),
                latest?.topic === topic &&
                    h(
                        React.Fragment,
                        null,
                        h(
                            'p',
                            { className: 'unshub-figure' },
                            h('span', { 'data-unshub': 'value' }, measured(latest)),
                            ' ',
                            h(Quality, latest),
                        ),
                        h(Chart, { points: answer.series.points, topic, units: latest.units }),
                        h(
                            DescriptionList,
                            { isHorizontal: true, isCompact: true },
                            row('Age', since(latest.acceptedUtc, answer.at)),
                            row('At the source', clock(latest.tsUtc)),
                            row('Accepted', clock(latest.acceptedUtc)),
                            row(
                                'Readings drawn',
                                h('span', { className: 'unshub-readings' }, number(answer.series.points.length)),
                            ),
                            answer.series.history.length > 0 && row('Came through', h(Places, answer.series)),
                        ),
                    ),
            ),
        )
    }

    return function Namespace() {
        const [parameters, setParameters] = useSearchParams()
        const [text, setText] = React.useState('')
        const closely = React.useRef(null)
        const topic = parameters.get('topic')
        const choose = chosen => {
            setParameters({ topic: chosen })
            // below the tree where the screen is narrow
            setTimeout(() => closely.current?.scrollIntoView({ block: 'start' }))
        }
        return h(
            React.Fragment,
            null,
            h(Title, { headingLevel: 'h1', className: 'unshub-gap' }, 'Unified Namespace'),
            h(
                Grid,
                { hasGutter: true },
                h(
                    GridItem,
                    { lg: 6 },
                    h(
                        Card,
                        null,
                        h(
                            CardBody,
                            null,
                            h(SearchInput, {
                                'aria-label': 'Find topics',
                                placeholder: 'Find topics',
                                value: text,
                                onChange: (_event, value) => setText(value),
                                onClear: () => setText(''),
                                className: 'unshub-gap',
                            }),
                            text.length > 1 ? h(Found, { text, choose }) : h(Tree, { topic, choose }),
                        ),
                    ),
                ),
                h(
                    GridItem,
                    { lg: 6 },
                    h(
                        'div',
                        { ref: closely },
                        topic ? h(Closely, { key: topic, topic }) : h('p', null, 'Choose a topic to see its last readings.'),
                    ),
                ),
            ),
        )
    }
}
