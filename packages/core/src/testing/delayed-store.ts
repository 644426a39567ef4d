import type { Awaitable } from '../provider.ts'
import type { AnyStore } from '../store.ts'
import { intercepted, type StoreCall } from './store-calls.ts'

/** A moment of a store call: `before` it acts, or `after`, when nobody knows its answer yet. */
export interface StoreMoment extends StoreCall {
  readonly when: 'before' | 'after'
}

/**
 * The same store, which waits for `delay` before and after each verb, so that a test decides what
 * overlaps. Without `delay` it waits for the next task, as a store behind a network would.
 *
 * @example
 * const gate = Promise.withResolvers<void>()
 * const slow = delayed(store, ({ verb, when }) => {
 *   if (verb === 'update' && when === 'before') return gate.promise
 * })
 */
export function delayed<S extends AnyStore>(
  store: S,
  delay: (moment: StoreMoment) => Awaitable<unknown> = nextTask,
): S {
  return intercepted(store, async (call, go) => {
    await delay({ ...call, when: 'before' })
    const answer = await go()
    await delay({ ...call, when: 'after' })
    return answer
  })
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
