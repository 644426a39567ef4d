import { type Case, median, type Series } from './measure.ts'
import { CASES, FRAMEWORKS, type Library, STORES, type Store } from './servers.ts'

/** One line of the table. */
export interface Row {
  readonly framework: string
  readonly store: Store
  readonly path: Case
  readonly cells: readonly string[]
  /** How many times as many requests Sojourn answers as express-session. */
  readonly advantage: number
}

const percent = (ratio: number): string => `${Math.round(100 * ratio)} %`

/** The median, and how far the turns are from it. */
function rateOf({ turns }: Series): string {
  const rates = turns.map(({ rate }) => rate)
  const middle = median(rates)
  const spread = (Math.max(...rates) - Math.min(...rates)) / 2 / middle
  const whole = Math.round(middle).toLocaleString('en').replaceAll(',', ' ')
  return `${whole} ± ${percent(spread)}`
}

// Turns that were taken one after the other are compared, so that what slows down the machine for a while slows down both.
function compare(one: Series, other: Series, by: (a: number, b: number) => number, of: Measure) {
  return median(
    one.turns.map((turn, index) => by(turn[of], other.turns[index]?.[of] ?? Number.NaN)),
  )
}
type Measure = 'rate' | 'cpu'

const ratio = (a: number, b: number): number => a / b
const difference = (a: number, b: number): number => a - b

export function rowsOf(series: readonly Series[]): Row[] {
  function find(framework: string, path: Case, library: Library, store: Store | null): Series {
    const found = series.find(
      (it) =>
        it.path === path &&
        it.subject.framework === framework &&
        it.subject.library === library &&
        it.subject.store === store,
    )
    if (!found) throw new Error(`${framework} was not measured`)
    return found
  }
  const measured = FRAMEWORKS.filter((name) => series.some((it) => it.subject.framework === name))
  return measured.flatMap((framework) =>
    STORES.flatMap((store) =>
      CASES.map((path) => {
        const bare = find(framework, path, 'bare', null)
        const ours = find(framework, path, 'Sojourn', store)
        const theirs = find(framework, path, 'express-session', store)
        const added = [ours, theirs].map((it) => compare(it, bare, difference, 'cpu').toFixed(0))
        const advantage = compare(ours, theirs, ratio, 'rate')
        const cells = [
          rateOf(bare),
          rateOf(ours),
          rateOf(theirs),
          percent(compare(ours, bare, ratio, 'rate')),
          percent(compare(theirs, bare, ratio, 'rate')),
          `**${advantage.toFixed(2)}**`,
          added.join(' / '),
        ]
        return { framework, store, path, cells, advantage }
      }),
    ),
  )
}

export function tableOf(rows: readonly Row[]): string {
  const head = [
    'requests per second',
    'bare',
    'Sojourn',
    'express-session',
    'Sojourn of bare',
    'express-session of bare',
    'Sojourn / express-session',
    'CPU added, µs',
  ]
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(['---', ...head.slice(1).map(() => '---:')]),
    ...rows.map(({ framework, store, path, cells }) =>
      line([`${framework}, ${store}, ${path}`, ...cells]),
    ),
  ].join('\n')
}
