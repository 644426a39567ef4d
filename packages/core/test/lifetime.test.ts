import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cookieAge,
  deadlines,
  endsAt,
  expiredBy,
  keepUntil,
  MAX_COOKIE_AGE,
  type Policy,
  renewalDue,
  standing,
  touchDue,
} from '../src/lifetime.ts'
import { newRecord, type SessionRecord } from '../src/record.ts'

const T = 1_790_000_000_000
const policy: Policy = {
  browser: { idle: 1000, absolute: 10_000 },
  persistent: { idle: 50_000, absolute: 100_000 },
  renewal: 3000,
  grace: 300,
}
const record = (facts: Partial<SessionRecord> = {}): SessionRecord => ({
  ...newRecord('id', T),
  ...facts,
})

describe('deadlines', () => {
  it('follow from facts, so that a shortened timeout holds for sessions already out there', () => {
    expect(deadlines(record(), policy)).toEqual({
      idle: T + 1000,
      absolute: T + 10_000,
      renewal: T + 3000,
    })
    const shorter = { ...policy, browser: { idle: 10, absolute: 20, touch: 1 } }
    expect(expiredBy(record(), policy, T + 10)).toBeNull()
    expect(expiredBy(record(), shorter, T + 10)).toBe('idle')
  })

  it('are exact to the millisecond [D15]', () => {
    expect(expiredBy(record(), policy, T + 999)).toBeNull()
    expect(expiredBy(record(), policy, T + 1000)).toBe('idle')
  })

  it('name the absolute timeout where both have passed', () => {
    expect(expiredBy(record({ lastSeenAt: T + 9500 }), policy, T + 10_000)).toBe('absolute')
    expect(expiredBy(record(), policy, T + 20_000)).toBe('absolute')
  })

  it('of a persistent session are its own', () => {
    expect(endsAt(record({ persistent: true }), policy)).toBe(T + 50_000)
  })

  it('count the absolute timeout from the sign-in, not from the creation', () => {
    const signedIn = record({ startedAt: T + 5000, lastSeenAt: T + 14_500 })
    expect(expiredBy(signedIn, policy, T + 14_999)).toBeNull()
    expect(expiredBy(signedIn, policy, T + 15_000)).toBe('absolute')
  })

  it('are never later than either timeout allows, whatever the facts [D2, D3]', () => {
    const instant = fc.integer({ min: 0, max: 1e6 })
    fc.assert(
      fc.property(instant, instant, instant, fc.boolean(), (started, seen, now, persistent) => {
        const facts = record({ startedAt: T + started, lastSeenAt: T + seen, persistent })
        const { idle, absolute } = persistent ? policy.persistent : policy.browser
        const over = now - started >= absolute || now - seen >= idle
        expect(expiredBy(facts, policy, T + now) !== null).toBe(over)
        expect(keepUntil(facts, policy)).toBeGreaterThan(endsAt(facts, policy))
      }),
    )
  })
})

describe('a touch', () => {
  it('is due once its interval has passed since the last [D6]', () => {
    expect(touchDue(record(), policy, T + 99)).toBe(false)
    expect(touchDue(record(), policy, T + 100)).toBe(true)
  })
})

describe('a clock that goes back', () => {
  it('neither ends a session nor makes a touch due [D13]', () => {
    expect(expiredBy(record(), policy, T - 3_600_000)).toBeNull()
    expect(touchDue(record(), policy, T - 3_600_000)).toBe(false)
    expect(renewalDue(record(), policy, T - 3_600_000)).toBe(false)
  })
})

describe('the cookie’s Max-Age', () => {
  it('is none for a browser session [B14]', () => {
    expect(cookieAge(record(), policy, T)).toBeNull()
  })

  it('is the time to the earlier deadline in whole seconds [B11, D3]', () => {
    expect(cookieAge(record({ persistent: true }), policy, T)).toBe(50)
    expect(cookieAge(record({ persistent: true, startedAt: T - 60_500 }), policy, T)).toBe(39)
  })

  it('is at most 400 days [B12]', () => {
    const long = { idle: 1e12, absolute: 1e12, touch: 1e11 }
    const forever = { ...policy, persistent: long }
    expect(cookieAge(record({ persistent: true }), forever, T)).toBe(MAX_COOKIE_AGE)
    expect(MAX_COOKIE_AGE).toBe(34_560_000)
  })

  it('has no 32-bit border [B15]', () => {
    const days = { idle: 3_000_000_000, absolute: 3_000_000_000, touch: 1 }
    const long = { ...policy, persistent: days }
    expect(cookieAge(record({ persistent: true }), long, T)).toBe(3_000_000)
  })
})

describe('what a token’s generation is worth', () => {
  const replaced = { generation: 5, generatedAt: T }

  it.each([
    ['the current one', 5, {}, 0, 'current'],
    ['the one before a renewal, within its grace', 4, { graceUntil: T + 300 }, 299, 'grace'],
    ['the one before a renewal, after its grace', 4, { graceUntil: T + 300 }, 300, 'outdated'],
    ['the one before a renewal, on a clock set back', 4, { graceUntil: T + 300 }, -1, 'settling'],
    ['the one before a sign-in, at the same moment', 4, {}, 299, 'settling'],
    ['the one before a sign-in, later', 4, {}, 300, 'outdated'],
    ['an older one, though the last is in its grace', 3, { graceUntil: T + 300 }, 10, 'settling'],
    ['one that was never issued', 6, {}, 0, 'unknown'],
  ])('%s', (_, generation, facts, later, worth) => {
    expect(standing(record({ ...replaced, ...facts }), generation, policy, T + later)).toBe(worth)
  })
})
