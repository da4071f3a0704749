// Dead letters: what is wrong and how often, one of them, a fix that is tried, and the replay.
import { clock, number, post } from './kit.js'

const LETTERS = '/api/v1/dead-letters'

/** A group as the hub selects it; a topic that no filter can name is left to reason and field. */
export function selection(group) {
    const chosen = { reason: group.reason, field: group.field }
    if (group.topic && !/[+#]/.test(group.topic)) {
        chosen.topic = group.topic
    }
    return chosen
}

const query = of =>
    Object.entries(of)
        .filter(([, value]) => value != null)
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join('&')

export function deadLetters({ React, h, useAsk, Trouble, patternfly }) {
    const {
        Alert,
        Button,
        Card,
        CardBody,
        CardTitle,
        CodeBlock,
        CodeBlockCode,
        EmptyState,
        EmptyStateBody,
        EmptyStateHeader,
        Modal,
        Spinner,
        TextArea,
        Title,
    } = patternfly

    const COLUMNS = ['Reason', 'Field', 'Topic', 'Letters', 'Last']

    const Groups = ({ groups, look }) =>
        h(
            'table',
            {
                className: 'pf-v5-c-table pf-m-compact pf-m-grid-lg unshub-gap',
                role: 'grid',
                'aria-label': 'Dead letters by reason, field and topic',
            },
            h(
                'thead',
                { className: 'pf-v5-c-table__thead' },
                h(
                    'tr',
                    { className: 'pf-v5-c-table__tr' },
                    COLUMNS.map(title => h('th', { key: title, className: 'pf-v5-c-table__th', scope: 'col' }, title)),
                    h('td', { className: 'pf-v5-c-table__td' }),
                ),
            ),
            h(
                'tbody',
                { className: 'pf-v5-c-table__tbody' },
                groups.map(group => {
                    const cells = [group.reason, group.field, group.topic, number(group.count), clock(group.last)]
                    return h(
                        'tr',
                        { key: [group.reason, group.field, group.topic].join('|'), className: 'pf-v5-c-table__tr' },
                        cells.map((cell, i) =>
                            h(
                                'td',
                                { key: i, className: 'pf-v5-c-table__td pf-m-break-word', 'data-label': COLUMNS[i] },
                                cell,
                            ),
                        ),
                        h(
                            'td',
                            { className: 'pf-v5-c-table__td' },
                            h(
                                Button,
                                {
                                    variant: 'secondary',
                                    size: 'sm',
                                    onClick: () => look(group),
                                    'aria-label': `Look at ${group.reason} ${group.field} on ${group.topic}`,
                                },
                                'Look',
                            ),
                        ),
                    )
                }),
            ),
        )

    const Code = ({ label, text }) =>
        h(
            'div',
            { className: 'unshub-gap' },
            h('div', { className: 'unshub-small' }, label),
            h(CodeBlock, null, h(CodeBlockCode, null, text)),
        )

    function Group({ group, operator, replayed }) {
        const chosen = selection(group)
        const { answer, error } = useAsk(`${LETTERS}?${query(chosen)}&limit=1`)
        const [mapping, setMapping] = React.useState('')
        const [plan, setPlan] = React.useState(null)
        const [refused, setRefused] = React.useState(null)
        const [asking, setAsking] = React.useState(false)
        const title = React.useRef(null)
        React.useEffect(() => title.current?.focus(), [])
        const sample = answer?.[0]

        const attempt = async work => {
            setRefused(null)
            try {
                await work()
            } catch (e) {
                setRefused(e.message)
            }
        }
        const dryRun = () =>
            attempt(async () => {
                setPlan(null)
                setPlan(await post(LETTERS + '/plans', { ...chosen, mapping }))
            })
        const replay = () => {
            setAsking(false)
            return attempt(async () => {
                await post(LETTERS + '/replays', { plan: plan.plan })
                replayed()
            })
        }

        return h(
            Card,
            { className: 'unshub-gap' },
            h(
                CardTitle,
                { component: 'h2', className: 'unshub-topic' },
                h('span', { ref: title, tabIndex: -1 }, `${group.reason} on ${group.topic}`),
            ),
            h(
                CardBody,
                null,
                h('p', { className: 'unshub-gap' }, group.detail),
                h(Trouble, { text: error }),
                sample &&
                    h(Code, {
                        label: `The oldest, as published; accepted ${clock(sample.acceptedUtc)}`,
                        text: sample.payload ?? `${sample.payloadBase64} (base64)`,
                    }),
                operator
                    ? h(
                          React.Fragment,
                          null,
                          h('label', { htmlFor: 'unshub-fix' }, 'A fix, as YAML; empty to replay what is valid by now'),
                          h(TextArea, {
                              id: 'unshub-fix',
                              value: mapping,
                              onChange: (_event, value) => setMapping(value),
                              resizeOrientation: 'vertical',
                              rows: 4,
                              placeholder: 'steps:\n  - rename: {from: unit, to: units}',
                              className: 'unshub-gap unshub-code',
                          }),
                          h(Trouble, { text: refused }),
                          h(Button, { variant: 'secondary', onClick: dryRun }, 'Try'),
                          plan && h(Plan, { plan, ask: () => setAsking(true) }),
                      )
                    : h('p', null, 'To try a fix and to replay, log in with an account of the role operator.'),
                asking &&
                    h(
                        Modal,
                        {
                            variant: 'small',
                            isOpen: true,
                            title: `Publish ${number(plan.passes)} readings again?`,
                            onClose: () => setAsking(false),
                            actions: [
                                h(Button, { key: 'yes', variant: 'primary', onClick: replay }, 'Publish again'),
                                h(Button, { key: 'no', variant: 'link', onClick: () => setAsking(false) }, 'Cancel'),
                            ],
                        },
                        'They go through the data path like any other, as the dry run showed them, and are then dead letters no more. This is written to the audit file with your name.',
                    ),
            ),
        )
    }

    const Plan = ({ plan, ask }) =>
        h(
            'div',
            { className: 'unshub-plan', role: 'status' },
            h(
                'p',
                { className: 'unshub-gap' },
                `Of ${number(plan.selected)} letters ${number(plan.passes)} would pass.`,
            ),
            h(
                'ul',
                null,
                Object.entries(plan.fails).map(([why, count]) => h('li', { key: why }, `${number(count)} would not: ${why}`)),
            ),
            plan.examples
                .filter(example => example.before !== example.after)
                .slice(0, 1)
                .map(example => h(Code, { key: example.id, label: 'One of them, after the fix', text: example.after })),
            plan.passes > 0 && h(Button, { variant: 'primary', onClick: ask }, `Replay ${number(plan.passes)}`),
        )

    function Replays({ turn }) {
        const { answer, again } = useAsk(LETTERS + '/replays', 2)
        React.useEffect(() => again(), [turn, again])
        const last = answer?.[0]
        if (!last) {
            return null
        }
        return h(Alert, {
            variant: last.ended ? 'success' : 'info',
            isInline: true,
            className: 'unshub-gap',
            title: last.ended
                ? `Replay by ${last.by}: ${number(last.chosen)} published again, ended ${clock(last.ended)}`
                : `Replay by ${last.by}: ${number(last.waiting)} of ${number(last.chosen)} wait`,
        })
    }

    return function DeadLetters({ operator }) {
        const { answer: groups, error, again } = useAsk(LETTERS + '/groups', 5)
        const [group, setGroup] = React.useState(null)
        const [turn, setTurn] = React.useState(0)
        if (!groups) {
            return error ? h(Trouble, { text: error }) : h(Spinner, { 'aria-label': 'The hub is asked' })
        }
        const replayed = () => {
            setGroup(null)
            setTurn(count => count + 1)
            again()
        }
        return h(
            React.Fragment,
            null,
            h(Title, { headingLevel: 'h1', className: 'unshub-gap' }, 'Dead letters'),
            h(Trouble, { text: error }),
            h(Replays, { turn }),
            groups.length === 0
                ? h(
                      EmptyState,
                      { variant: 'sm' },
                      h(EmptyStateHeader, { titleText: 'No dead letters', headingLevel: 'h2' }),
                      h(EmptyStateBody, null, 'Every reading passed.'),
                  )
                : h(Groups, { groups, look: setGroup }),
            group &&
                h(Group, { key: [group.reason, group.field, group.topic].join('|'), group, operator, replayed }),
        )
    }
}
