import { ACTIVE_MS_PER_OBJECT_REQUEST, MONTH } from './assumptions.ts'
import type { Units } from './meter.ts'

/** The pages that the prices are from, read as copies. */
export const SOURCES = [
  {
    title: 'Durable Objects: pricing',
    url: 'https://developers.cloudflare.com/durable-objects/platform/pricing/',
    state: 'as it bills SQLite storage from January 2026 on',
  },
  {
    title: 'Workers KV: pricing',
    url: 'https://developers.cloudflare.com/kv/platform/pricing/',
    state: 'the prices of November 2020, since then unchanged',
  },
] as const

/** An item of the price list. `price` is for `per` of it, in US dollars; `included` is what the paid plan has of it, a month. */
export interface Item {
  readonly name: string
  readonly price: number
  readonly per: number
  readonly unit: string
  readonly included: number
  /** How much of it a month has. */
  amount(month: Units): number
}

const MILLION = 1e6
const GB = 1e9
const SECONDS_PER_MONTH = MONTH.days * 86_400
// Billed whatever an object uses: 128 MB, in the price list's own examples 0.128 GB.
const GB_PER_OBJECT = 0.128

const objectRequests = (month: Units) => month.sessionRequests + month.subjectRequests

/** The paid plan. What the Workers themselves cost is not in it: it is the same with every store. */
export const PRICE_LIST: readonly Item[] = [
  item('requests to objects', 0.15, MILLION, 'million', 1 * MILLION, objectRequests),
  item('duration of objects', 12.5, MILLION, 'million GB-s', 400_000, (month) => {
    return (objectRequests(month) * ACTIVE_MS_PER_OBJECT_REQUEST * GB_PER_OBJECT) / 1000
  }),
  item('rows read', 0.001, MILLION, 'million', 25e9, (month) => month.rowsRead),
  item('rows written', 1, MILLION, 'million', 50 * MILLION, (month) => month.rowsWritten),
  item('kept in objects', 0.2, 1, 'GB-month', 5, (month) => gbMonths(month.objectByteSeconds)),
  item('KV reads', 0.5, MILLION, 'million', 10 * MILLION, (month) => month.kvReads),
  item('KV writes', 5, MILLION, 'million', 1 * MILLION, (month) => month.kvWrites),
  item('KV deletes', 5, MILLION, 'million', 1 * MILLION, (month) => month.kvDeletes),
  item('KV lists', 5, MILLION, 'million', 1 * MILLION, (month) => month.kvLists),
  item('kept in KV', 0.5, 1, 'GB-month', 1, (month) => gbMonths(month.kvByteSeconds)),
]

function item(
  name: string,
  price: number,
  per: number,
  unit: string,
  included: number,
  amount: (month: Units) => number,
): Item {
  return { name, price, per, unit, included, amount }
}

function gbMonths(byteSeconds: number): number {
  return byteSeconds / GB / SECONDS_PER_MONTH
}

/** What a month costs of an item at its list price. */
export function listPrice({ price, per, amount }: Item, month: Units): number {
  return (amount(month) / per) * price
}

/** The same, once the plan's included amount is used up. */
export function priceBeyondPlan({ price, per, included, amount }: Item, month: Units): number {
  return (Math.max(0, amount(month) - included) / per) * price
}

/** A whole month, item by item at a price. */
export function monthlyCost(month: Units, price: typeof listPrice = listPrice): number {
  return PRICE_LIST.reduce((sum, entry) => sum + price(entry, month), 0)
}
