import type { Awaitable } from '../provider.ts'
import type { AnyStore } from '../store.ts'
import { intercepted, type StoreCall } from './store-calls.ts'

/**
 * What goes wrong with one store call. `when`: `before` the store has done what it was asked, or `after`, when it has, and only the answer
 * goes wrong.
 */
export type StoreFault = FailingFault | HangingFault | LateFault | GarbageFault

/**
 * `throws` at once; `rejects`, with nothing done or with the answer lost; or `answers-twice`: `before` fails first and then succeeds, `after`
 * answers, again with `undefined`, and then fails. Whoever takes a promise at its word sees the first of them.
 */
export interface FailingFault {
  readonly kind: 'throws' | 'rejects' | 'answers-twice'
  readonly when: 'before' | 'after'
  /** What it throws or rejects with. Default: an `Error` that says so. */
  readonly error?: unknown
}

/** Never answers. */
export interface HangingFault {
  readonly kind: 'hangs'
  readonly when: 'before' | 'after'
}

/** Waits, and then acts and answers (`before`), or has acted already and answers only then (`after`). */
export interface LateFault {
  readonly kind: 'late'
  readonly when: 'before' | 'after'
  /** What the call waits for. */
  readonly delay: () => Awaitable<unknown>
}

/** Answers what is no answer: at once, with nothing done (`before`), or when it has done what it was asked (`after`). */
export interface GarbageFault {
  readonly kind: 'garbage'
  readonly when: 'before' | 'after'
  readonly answer: unknown
}

/**
 * The same store, in which each call goes wrong as `nextFault` says; without a fault it goes to the store as it is. For
 * tests of what an application, or a wrapper of stores, makes of a store that fails.
 *
 * @example
 * let down = false
 * const store = faultyStore(memoryStore(), ({ verb }) =>
 *   down && verb === 'update' ? { kind: 'rejects', when: 'after' } : null,
 * )
 */
export function faultyStore<S extends AnyStore>(
  store: S,
  nextFault: (call: StoreCall) => StoreFault | null | undefined,
): S {
  return intercepted(store, (call, go) => {
    const fault = nextFault(call)
    return fault ? fail(fault, go) : go()
  })
}

function fail(fault: StoreFault, go: () => unknown): unknown {
  const act = async (): Promise<unknown> => go()
  const acted = fault.when === 'after' ? act() : null
  // Of a call whose answer nobody waits for, nobody hears.
  acted?.catch(() => {})
  switch (fault.kind) {
    case 'throws':
      throw errorOf(fault)
    case 'rejects':
      return reject(acted, errorOf(fault))
    case 'hangs':
      return new Promise(() => {})
    case 'late':
      return late(fault, acted, act)
    case 'answers-twice':
      return twice(acted, act, errorOf(fault))
    case 'garbage':
      return acted ? acted.then(() => fault.answer) : fault.answer
  }
}

async function reject(acted: Promise<unknown> | null, error: unknown): Promise<never> {
  await acted
  throw error
}

async function late(
  { delay }: LateFault,
  acted: Promise<unknown> | null,
  act: () => Promise<unknown>,
): Promise<unknown> {
  await acted
  await delay()
  return acted ?? act()
}

// A thenable, since a promise forgets all but the first answer.
function twice(
  acted: Promise<unknown> | null,
  act: () => Promise<unknown>,
  error: unknown,
): PromiseLike<unknown> {
  const failure = Promise.reject(error)
  failure.catch(() => {})
  const first = acted ?? failure
  const rest = acted ? [Promise.resolve(undefined), failure] : [act()]
  return {
    // biome-ignore lint/suspicious/noThenProperty: only what is no promise can answer twice
    then(resolve, reject) {
      const answered = first.then(resolve, reject)
      const again = (): void => {
        // What the callbacks throw by then is nobody's.
        for (const answer of rest) answer.then(resolve, reject).catch(() => {})
      }
      first.then(again, again)
      return answered
    },
  } as PromiseLike<unknown>
}

function errorOf({ error = new Error('The store was made to fail') }: FailingFault): unknown {
  return error
}
