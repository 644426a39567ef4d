import type { Awaitable } from '@sojourn/core'

/** `Promise.then` for what may be there at once, and then stays so. */
export function andThen<A, B>(
  value: Awaitable<A>,
  go: (value: A) => Awaitable<B>,
  failed?: (error: unknown) => Awaitable<B>,
): Awaitable<B> {
  return value instanceof Promise ? value.then(go, failed) : go(value as A)
}
