import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import page from '../../../../docs/cost.md?raw'
import { STORES, WRITE_PER_REQUEST } from './designs.ts'
import { type Hour, hourOf } from './hour.ts'
import { KINDS, type RequestKind, UNWANTED } from './kinds.ts'
import type { Tally } from './meter.ts'
import { monthOf } from './month.ts'
import { monthlyCost } from './prices.ts'
import { script } from './script.ts'
import {
  amountTable,
  assumptionTable,
  costTable,
  countedTables,
  priceTable,
  withTables,
} from './tables.ts'

/** What a tally has besides requests. */
function billed({ requests: _, ...units }: Tally): Record<string, number> {
  return Object.fromEntries(Object.entries(units).filter(([, amount]) => amount > 0))
}

const NOTHING = {}

describe('an hour of traffic', () => {
  const ours: Hour[] = []
  const writing: Hour[] = []
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    for (const design of STORES) ours.push(await hourOf(design))
    for (const design of WRITE_PER_REQUEST) writing.push(await hourOf(design))
  }, 180_000)
  afterAll(() => {
    vi.useRealTimers()
  })

  const named = (name: string): Hour =>
    [...ours, ...writing].find((hour) => hour.name === name) ?? expect.fail(`No ${name}`)

  it('has every kind of request, the same for each design', () => {
    const asked = script()
    for (const { name, meter } of [...ours, ...writing]) {
      for (const kind of Object.keys(KINDS) as RequestKind[]) {
        const { length } = asked.filter(({ phase }) => phase === kind)
        expect(length, kind).toBeGreaterThan(0)
        expect(meter.tally(kind).requests, `${name}, ${kind}`).toBe(length)
      }
    }
  })

  it('costs nothing for bots and forged cookies, with any store', () => {
    for (const { name, meter } of ours) {
      for (const kind of UNWANTED)
        expect(billed(meter.tally(kind)), `${name}, ${kind}`).toEqual(NOTHING)
    }
  })

  it('costs nothing for visitors who store nothing, with any store', () => {
    for (const { name, meter } of ours) {
      expect(billed(meter.tally('nothing')), name).toEqual(NOTHING)
    }
  })

  it('costs a site that writes per request something for each of them', () => {
    for (const { name, meter } of writing) {
      for (const kind of ['bot', 'forged', 'nothing'] as const) {
        const { requests, rowsWritten, kvWrites } = meter.tally(kind)
        expect(rowsWritten + kvWrites, `${name}, ${kind}`).toBeGreaterThanOrEqual(requests)
      }
    }
  })

  it('asks one object once for each page that has a session, and again only to touch it', () => {
    const { meter } = named('Durable Objects')
    for (const kind of ['basket', 'signedIn', 'dead'] as const) {
      const { requests, sessionRequests } = meter.tally(kind)
      expect(meter.calls(kind, 'session.read'), kind).toBe(requests)
      const writes = ['session.touch', 'session.update'].map((method) => meter.calls(kind, method))
      expect(sessionRequests, kind).toBe(requests + (writes[0] ?? 0) + (writes[1] ?? 0))
      expect(sessionRequests, kind).toBeLessThan(1.4 * requests)
    }
  })

  it('reads four keys of KV for each page that has a session, and again only to touch it', () => {
    const { meter } = named('Workers KV')
    for (const kind of ['basket', 'signedIn', 'dead'] as const) {
      const { requests, kvReads, kvWrites } = meter.tally(kind)
      expect(kvReads, kind).toBeGreaterThanOrEqual(4 * requests)
      expect(kvReads, kind).toBeLessThanOrEqual(4 * (requests + kvWrites))
      expect(kvWrites, kind).toBeLessThan(0.4 * requests)
    }
  })

  it('leaves nothing behind once all its sessions have ended', () => {
    for (const { name, left } of [...ours, ...writing]) expect(left, name).toEqual([])
  })

  const costs = (name: string): number => monthlyCost(monthOf(named(name).meter))

  it('costs less than half of writing per request, on either platform', () => {
    for (const store of ['Durable Objects', 'Workers KV']) {
      expect(costs(store), store).toBeLessThan(costs(`write per request, ${store}`) / 2)
    }
  })

  it('costs less in Durable Objects than in KV', () => {
    expect(costs('Durable Objects')).toBeLessThan(costs('Workers KV'))
  })

  it('is what docs/cost.md says it is', async () => {
    const hours = [...ours, ...writing]
    const written = withTables(page, {
      month: costTable(hours),
      amounts: amountTable(hours),
      counted: countedTables(hours),
      assumed: assumptionTable(),
      prices: priceTable(),
    })
    await expect(written).toMatchFileSnapshot('../../../../docs/cost.md')
  })
})
