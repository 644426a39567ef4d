import { ACTIVE_MS_PER_OBJECT_REQUEST, MONTH, TRAFFIC } from './assumptions.ts'
import { capitalised, dollars, figure, perThousand, table, thousands } from './figures.ts'
import type { Hour } from './hour.ts'
import { ENDINGS, KINDS, type Kind, UNWANTED } from './kinds.ts'
import type { Tally, Unit } from './meter.ts'
import { monthOf } from './month.ts'
import {
  type Item,
  listPrice,
  monthlyCost,
  PRICE_LIST,
  priceBeyondPlan,
  SOURCES,
} from './prices.ts'

type Row = readonly string[]

/** A page with what stands between `<!-- name: -->` and `<!-- :name -->` replaced by what a name has here. */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, content]) => {
    const [begin, end] = [`<!-- ${name}: -->\n`, `\n<!-- :${name} -->`]
    const from = text.indexOf(begin) + begin.length
    const to = text.indexOf(end, from - 1)
    if (from < begin.length || to < 0) throw new Error(`The page has no place for "${name}"`)
    return text.slice(0, from) + content + text.slice(to)
  }, page)
}

const UNIT_HEADS: readonly (readonly [Unit, string])[] = [
  ['sessionRequests', 'requests to sessions’ objects'],
  ['subjectRequests', 'to subjects’ objects'],
  ['rowsRead', 'rows read'],
  ['rowsWritten', 'rows written'],
  ['kvReads', 'KV reads'],
  ['kvWrites', 'KV writes'],
  ['kvDeletes', 'KV deletes'],
  ['kvLists', 'KV lists'],
]

/** What was counted, for 1000 requests of each kind; under each design's name. */
export function countedTables(hours: readonly Hour[]): string {
  return hours.map((hour) => `### ${capitalised(hour.name)}\n\n${countedTable(hour)}`).join('\n\n')
}

function countedTable({ meter }: Hour): string {
  const all = meter.sum()
  const units = UNIT_HEADS.filter(([unit]) => all[unit] > 0)
  const row = (name: string, tally: Tally, requests: number): Row => [
    name,
    tally.requests ? String(tally.requests) : '',
    ...units.map(([unit]) => perThousand(tally[unit], requests)),
  ]
  const kinds = Object.entries(KINDS).map(([kind, name]) => {
    const tally = meter.tally(kind as Kind)
    return row(name, tally, tally.requests)
  })
  const endings = Object.entries(ENDINGS).map(([kind, name]) => {
    return row(`${name} *`, meter.tally(kind as Kind), all.requests)
  })
  const head = ['for 1000 of these requests', 'in the hour', ...units.map(([, name]) => name)]
  return table(head, [...kinds, ...endings, row('**all together**', all, all.requests)])
}

/** What a month costs, item by item. */
export function costTable(hours: readonly Hour[]): string {
  const months = hours.map(({ meter }) => monthOf(meter))
  const unwanted = hours.map(({ meter }) => monthOf(meter, UNWANTED))
  const sum = (month: Tally, price: typeof listPrice) => dollars(monthlyCost(month, price))
  return table(
    ['US$ a month', ...hours.map(({ name }) => name)],
    [
      ...PRICE_LIST.map((item) => [item.name, ...months.map((it) => dollars(listPrice(item, it)))]),
      ['**together, at list price**', ...months.map((it) => `**${sum(it, listPrice)}**`)],
      ['beyond what the plan includes', ...months.map((it) => sum(it, priceBeyondPlan))],
      ['at list price, for bots and forged cookies', ...unwanted.map((it) => sum(it, listPrice))],
      ['for each 10 ms more that a request keeps its object active', ...months.map(tenMore)],
    ],
  )
}

function tenMore(month: Tally): string {
  const duration = PRICE_LIST.find(({ name }) => name.startsWith('duration')) as Item
  return dollars((listPrice(duration, month) / ACTIVE_MS_PER_OBJECT_REQUEST) * 10)
}

/** What a month has of each item. */
export function amountTable(hours: readonly Hour[]): string {
  const months = hours.map(({ meter }) => monthOf(meter))
  const amount = ({ amount, per }: Item, month: Tally) => figure(amount(month) / per)
  return table(
    ['a month', ...hours.map(({ name }) => name)],
    PRICE_LIST.map((item) => [
      `${item.name}, ${item.unit}`,
      ...months.map((month) => amount(item, month)),
    ]),
  )
}

/** What the traffic is assumed to be. */
export function assumptionTable(): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const range = ([least, most]: readonly [number, number]) => `${least} to ${most}`
  return table(
    ['assumed', ''],
    [
      ['visits that begin in the hour', String(TRAFFIC.visits)],
      ['requests in a visit', range(TRAFFIC.requestsPerVisit)],
      ['seconds between them', range(TRAFFIC.secondsBetweenRequests)],
      ['visits that store nothing', percent(TRAFFIC.storesNothing)],
      ['visits that fill a basket, twice, and leave it', percent(TRAFFIC.fillsBasket)],
      ['visits that sign in', percent(TRAFFIC.signsIn)],
      ['visits of people who are remembered from 1 to 3 days ago', percent(TRAFFIC.isRemembered)],
      [
        'of those with a basket or a sign-in: bring the cookie of a session that has ended',
        percent(TRAFFIC.bringsDeadCookie),
      ],
      ['of those that sign in: have a basket before', percent(TRAFFIC.fillsBasketFirst)],
      ['of those that sign in: want to be remembered', percent(TRAFFIC.isToBeRemembered)],
      ['of those that sign in: sign out at the end', percent(TRAFFIC.signsOut)],
      ['of those signed in: look at the list of their sessions', percent(TRAFFIC.looksAtList)],
      ['requests of bots, for each visit', String(TRAFFIC.botRequestsPerVisit)],
      ['requests with forged cookies, for each visit', String(TRAFFIC.forgedRequestsPerVisit)],
      ['visits of a visitor in a day', String(MONTH.visitsPerVisitorAndDay)],
      ['visitors in a day', thousands(MONTH.visitorsPerDay)],
      ['days in a month', String(MONTH.days)],
      [
        'milliseconds for which a request keeps its object active',
        String(ACTIVE_MS_PER_OBJECT_REQUEST),
      ],
    ],
  )
}

/** The price list, and where it is from. */
export function priceTable(): string {
  const included = ({ included, per, unit }: Item) => `${figure(included / per)} ${unit}`
  const rows = PRICE_LIST.map((item) => [
    item.name,
    `$${item.price} for a ${item.unit}`,
    included(item),
  ])
  const sources = SOURCES.map(({ title, url, state }) => `[${title}](${url}), ${state}`)
  return `${table(['', 'price', 'included a month'], rows)}\n\nFrom ${sources.join('; ')}.`
}
