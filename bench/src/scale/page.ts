import { SUBJECT_SIZES, VERBS } from './measure.ts'
import type { Counts, Seen } from './run.ts'

const whole = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ')
const ms = (value: number): string => (value < 10 ? value.toFixed(2) : whole(value))

/** The tables of the page, by name. */
export function tablesOf(seen: readonly Seen[], counts: Counts): Record<string, string> {
  const engines = seen.map(({ name }) => name)
  return {
    verbs: table(
      [
        'ms: half of the calls took less / all but one in a hundred',
        ...engines.flatMap((name) => [
          `${name}, ${whole(counts.few)} sessions`,
          `${whole(counts.many)}`,
        ]),
      ],
      VERBS.map((verb) => [
        `\`${verb}\``,
        ...seen.flatMap(({ few, many }) =>
          [few[verb], many[verb]].map(({ p50, p99 }) => `${ms(p50)} / ${ms(p99)}`),
        ),
      ]),
    ),
    room: table(
      ['', ...engines],
      [
        ['bytes for each session, indexes included', ...seen.map(({ bytes }) => whole(bytes))],
        [
          'sessions created in a second, 256 calls under way',
          ...seen.map(({ rate }) => whole(rate)),
        ],
      ],
    ),
    subjects: table(
      ['ms', ...engines],
      [
        ...SUBJECT_SIZES.map((size) => [
          `\`list\` of a subject with ${whole(size)}`,
          ...seen.map(({ subjects }) => ms(subjects.list[size] ?? Number.NaN)),
        ]),
        [
          `\`revokeAll\` of ${whole(SUBJECT_SIZES.at(-1) ?? 0)}`,
          ...seen.map(({ subjects }) => ms(subjects.revokeAll)),
        ],
      ],
    ),
    expiry: table(
      ['', ...engines],
      [
        [
          `of ${whole(counts.expired)} that had expired, removed in a minute at most`,
          ...seen.map(({ expiry: { done } }) => whole(done)),
        ],
        [
          'seconds, with the wait until Redis begins',
          ...seen.map(({ expiry }) => expiry.seconds.toFixed(1)),
        ],
        [
          'a `read` of a live one meanwhile, ms',
          ...seen.map(({ expiry: { read } }) => `${ms(read.p50)} / ${ms(read.p99)}`),
        ],
        [
          'the same before',
          ...seen.map(({ quiet: { read } }) => `${ms(read.p50)} / ${ms(read.p99)}`),
        ],
      ],
    ),
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = ['---', ...head.slice(1).map(() => '---:')]
  return [head, rule, ...rows].map(line).join('\n')
}

/** A page with its tables replaced: each stands between `<!-- name: -->` and `<!-- :name -->`. */
export function replaceTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, body]) => {
    const place = new RegExp(`(<!-- ${name}: -->\n)[^]*?(<!-- :${name} -->)`)
    if (!place.test(text)) throw new Error(`The page has no place for the table ${name}`)
    return text.replace(place, (_, start, end) => `${start}${body}\n${end}`)
  }, page)
}
