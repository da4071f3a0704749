// What the pages share: asking the hub, and how numbers and times are written.

const LOST = 'The hub does not answer. What is shown was true when it last did.'

/** A refusal of the hub, in its own words. */
async function refusal(response) {
    const problem = await response.json().catch(() => ({}))
    return problem.detail ?? `The hub answered ${response.status}.`
}

async function ask(path, options) {
    const response = await fetch(path, { cache: 'no-store', ...options })
    if (response.status === 401) {
        // the session has ended: the login form comes back here
        window.location.reload()
    }
    if (!response.ok) {
        throw new Error(await refusal(response))
    }
    return response.json()
}

export const post = (path, body) =>
    ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
    })

export const number = value => Number(value).toLocaleString('en', { maximumFractionDigits: 0 })

export const rate = value =>
    value == null
        ? '–'
        : value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 }) + '/s'

export function bytes(value) {
    const units = ['B', 'kB', 'MB', 'GB', 'TB']
    let step = 0
    let left = value
    while (left >= 1000 && step < units.length - 1) {
        left /= 1000
        step++
    }
    return left.toLocaleString('en', { maximumFractionDigits: left < 10 && step ? 1 : 0 }) + ' ' + units[step]
}

export function span(seconds) {
    if (seconds < 60) {
        return Math.max(0, Math.round(seconds)) + ' s'
    }
    if (seconds < 3600) {
        return Math.round(seconds / 60) + ' min'
    }
    if (seconds < 48 * 3600) {
        return (seconds / 3600).toFixed(1) + ' h'
    }
    return Math.round(seconds / 86400) + ' d'
}

export const since = (instant, at) => span((Date.parse(at) - Date.parse(instant)) / 1000)

export const clock = instant => (instant ? new Date(instant).toLocaleString() : '–')

/** What every page is made with. */
export function kit(React, patternfly, router) {
    const h = React.createElement
    const { Alert, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } = patternfly

    /**
     * Asks the hub, again every so many seconds while somebody looks; no path, no question.
     * What came last stays while the hub does not answer.
     */
    function useAsk(path, seconds) {
        const [state, setState] = React.useState({})
        const [turn, setTurn] = React.useState(0)
        React.useEffect(() => {
            let over = false
            let timer
            async function next() {
                if (!document.hidden) {
                    try {
                        const answer = await ask(path)
                        if (!over) {
                            setState({ path, answer })
                        }
                    } catch (e) {
                        if (!over) {
                            const error = e instanceof TypeError ? LOST : e.message
                            setState(last => ({ ...last, path, error }))
                        }
                    }
                }
                if (!over && seconds) {
                    timer = setTimeout(next, seconds * 1000)
                }
            }
            if (path) {
                next()
            }
            return () => {
                over = true
                clearTimeout(timer)
            }
        }, [path, seconds, turn])
        const again = React.useCallback(() => setTurn(count => count + 1), [])
        return { ...state, again }
    }

    /** Says what went wrong; nothing where nothing did. */
    const Trouble = ({ text }) =>
        text ? h(Alert, { variant: 'warning', isInline: true, title: text, className: 'unshub-gap' }) : null

    /** A line of a description list. */
    const row = (term, value) =>
        h(
            DescriptionListGroup,
            { key: term },
            h(DescriptionListTerm, null, term),
            h(DescriptionListDescription, null, value),
        )

    return { React, h, useAsk, row, Trouble, patternfly, router }
}
