import * as fc from 'fast-check'
import type { StoreFault, StoreVerb } from '../../src/testing/index.ts'

/** A fault, with its delay in milliseconds where it has one. */
export type Fault =
  | Exclude<StoreFault, { kind: 'late' }>
  | { readonly kind: 'late'; readonly when: 'before' | 'after'; readonly delay: number }

/** What a request does with its session, in this order. */
export type Act =
  | { readonly act: 'count' | 'regenerate' | 'signIn' | 'remember' | 'list' }
  | { readonly act: 'set'; readonly key: 'a' | 'b' }
  | { readonly act: 'revoke' | 'revokeById'; readonly caught: boolean }
  | { readonly act: 'revokeAll'; readonly others: boolean }

/** A request of one of the browsers. */
export interface Request {
  readonly browser: number
  readonly acts: readonly Act[]
}

/** Requests that are under way at the same moment, after a pause. */
export interface Step {
  /** Seconds. */
  readonly pause: number
  readonly requests: readonly Request[]
  /** By call, in order; what comes after them goes well. */
  readonly faults: readonly (Fault | null)[]
  /** What every call meets instead, or every call of a verb. */
  readonly outage: { readonly fault: Fault; readonly verb: StoreVerb | null } | null
}

export interface Program {
  /** Turns that the store takes by call, over and over; where there are none it answers at once. */
  readonly turns: readonly number[]
  readonly renewal: boolean
  readonly steps: readonly Step[]
}

/** What a store call may take, in seconds. */
export const STORE_TIMEOUT = 5
export const BROWSERS = 3

/** The value, or nothing so many times as often. */
function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
}

const when = fc.constantFrom('before' as const, 'after' as const)
const limit = STORE_TIMEOUT * 1000
const delay = fc.oneof(
  fc.integer({ min: 1, max: limit - 1 }),
  fc.integer({ min: limit + 1, max: 10 * limit }),
)

/** A store that answers garbage has done what it was asked: one that has not lies, and nobody can tell. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('throws' as const), when }),
  fc.record({ kind: fc.constant('rejects' as const), when }),
  fc.record({ kind: fc.constant('answers-twice' as const), when }),
  fc.record({ kind: fc.constant('hangs' as const), when }),
  fc.record({ kind: fc.constant('late' as const), when, delay }),
  fc.record({
    kind: fc.constant('garbage' as const),
    when: fc.constant('after' as const),
    answer: fc.constantFrom(undefined, 'OK', 1),
  }),
)

const caught = fc.boolean()
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ act: 'count' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('set' as const), key: fc.constantFrom('a', 'b') }),
  },
  { weight: 2, arbitrary: fc.constant({ act: 'signIn' as const }) },
  fc.record({ act: fc.constantFrom('regenerate' as const, 'remember' as const, 'list' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constantFrom('revoke' as const, 'revokeById' as const),
      caught,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('revokeAll' as const), others: fc.boolean() }),
  },
)

const verb = fc.constantFrom<StoreVerb[]>('read', 'create', 'update', 'touch', 'delete', 'list')

const request: fc.Arbitrary<Request> = fc.record({
  browser: fc.nat({ max: BROWSERS - 1 }),
  acts: fc.array(act, { maxLength: 3 }),
})

const step: fc.Arbitrary<Step> = fc.record({
  // Past the grace of a renewal, and past a tenth of the idle timeout.
  pause: fc.constantFrom(0, 0, 1, 40, 11 * 3600, 11 * 3600),
  requests: fc.array(request, { minLength: 1, maxLength: 3 }),
  faults: fc.array(sometimes(2, fault), { maxLength: 8 }),
  outage: sometimes(2, fc.record({ fault, verb: fc.option(verb) })),
})

/** Short enough that no session expires: the longest pauses come to less than the idle timeout. */
export const programs: fc.Arbitrary<Program> = fc.record({
  turns: fc.array(fc.nat({ max: 6 }), { maxLength: 8 }),
  renewal: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
})
