// The last readings of a topic as a line; a gap where there was no number.

const WIDTH = 600
const HEIGHT = 180
const LEFT = 4
const EDGE = 8

const plain = value => value.toLocaleString('en', { maximumSignificantDigits: 6 })

/** The points between which a line is drawn, each run by itself. */
export function runs(points) {
    const all = []
    let run = []
    for (const point of points) {
        if (point.value == null) {
            all.push(run)
            run = []
        } else {
            run.push(point)
        }
    }
    all.push(run)
    return all.filter(some => some.length)
}

export function chart({ h }) {
    return function Chart({ points, topic, units }) {
        const numbers = points.filter(point => point.value != null)
        if (!numbers.length) {
            return h('p', null, 'No numbers to draw.')
        }
        const values = numbers.map(point => point.value)
        const [low, high] = [Math.min(...values), Math.max(...values)]
        const times = points.map(point => Date.parse(point.tsUtc))
        const [first, last] = [Math.min(...times), Math.max(...times)]
        const x = point =>
            LEFT + ((Date.parse(point.tsUtc) - first) / (last - first || 1)) * (WIDTH - LEFT - EDGE)
        const y = point =>
            high === low ? HEIGHT / 2 : HEIGHT - EDGE - ((point.value - low) / (high - low)) * (HEIGHT - 2 * EDGE)
        const summary = `${points.length} readings of ${topic}, from ${plain(low)} to ${plain(high)} ${units}`
        return h(
            'figure',
            { className: 'unshub-chart' },
            h(
                'svg',
                { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': summary, preserveAspectRatio: 'none' },
                runs(points).map(run =>
                    h('polyline', {
                        key: run[0].tsUtc,
                        points: run.map(point => `${x(point).toFixed(1)},${y(point).toFixed(1)}`).join(' '),
                    }),
                ),
                numbers
                    .filter(point => point.quality !== 'GOOD' && point.quality !== 'SIMULATED')
                    .map((point, i) =>
                        h('circle', { key: i, cx: x(point), cy: y(point), r: 3, className: 'unshub-bad' }),
                    ),
            ),
            h(
                'figcaption',
                null,
                h('span', null, `${new Date(first).toLocaleTimeString()} – ${new Date(last).toLocaleTimeString()}`),
                h('span', null, `lowest ${plain(low)}, highest ${plain(high)}`),
            ),
        )
    }
}
