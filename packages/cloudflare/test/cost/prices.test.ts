import { describe, expect, it } from 'vitest'
import { ACTIVE_MS_PER_OBJECT_REQUEST } from './assumptions.ts'
import { createMeter, type Tally } from './meter.ts'
import { listPrice, monthlyCost, PRICE_LIST, priceBeyondPlan } from './prices.ts'

const GB_FOR_A_MONTH = 1e9 * 30 * 86_400

function month(amounts: Partial<Tally>): Tally {
  return { ...createMeter(Date.now).sum(), ...amounts }
}

function price(name: string, amounts: Partial<Tally>, by = listPrice): number {
  const item = PRICE_LIST.find((one) => one.name === name) ?? expect.fail(`No ${name}`)
  return by(item, month(amounts))
}

describe('a price', () => {
  it('is that of the price list, item by item', () => {
    expect(price('requests to objects', { sessionRequests: 6e5, subjectRequests: 4e5 })).toBe(0.15)
    expect(price('rows read', { rowsRead: 1e9 })).toBeCloseTo(1)
    expect(price('rows written', { rowsWritten: 2e6 })).toBe(2)
    expect(price('kept in objects', { objectByteSeconds: GB_FOR_A_MONTH })).toBeCloseTo(0.2)
    expect(price('KV reads', { kvReads: 1e6 })).toBe(0.5)
    expect(price('KV writes', { kvWrites: 1e6 })).toBe(5)
    expect(price('KV deletes', { kvDeletes: 1e6 })).toBe(5)
    expect(price('KV lists', { kvLists: 1e6 })).toBe(5)
    expect(price('kept in KV', { kvByteSeconds: GB_FOR_A_MONTH })).toBeCloseTo(0.5)
  })

  it('of duration is that of 128 MB, as in the example of a million seconds', () => {
    const sessionRequests = (1e6 * 1000) / ACTIVE_MS_PER_OBJECT_REQUEST
    expect(price('duration of objects', { sessionRequests })).toBeCloseTo((128_000 * 12.5) / 1e6)
  })

  it('beyond the plan is that of what the plan does not include', () => {
    const requests = { sessionRequests: 1.5e6 }
    expect(price('requests to objects', requests, priceBeyondPlan)).toBeCloseTo(0.075)
    expect(price('KV reads', { kvReads: 9e6 }, priceBeyondPlan)).toBe(0)
  })

  it('of a month is the sum of all items', () => {
    expect(monthlyCost(month({ kvReads: 1e6, kvWrites: 1e6, rowsWritten: 1e6 }))).toBe(6.5)
  })
})
