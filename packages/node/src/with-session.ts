import type { Json, ReadOptions, Session } from '@sojourn/core'

/** Gives the session of a request, the same one on every call, as `open` does. */
export type OpenSession<Data extends object> = (options?: ReadOptions) => Promise<Session<Data>>

/** What a request has where sessions decorate it: for an intersection with the framework's own type, or for `interface Request extends …`. */
export interface WithSession<Data extends object = Record<string, Json>> {
  readonly session: OpenSession<Data>
}

/**
 * Gives a request its `session()`.
 *
 * @throws {TypeError} when another library has put a session there.
 */
export function decorate<Data extends object>(target: object, open: OpenSession<Data>): void {
  const { session } = target as { session?: unknown }
  if (session !== undefined && typeof session !== 'function') {
    throw new TypeError('"session" is taken: another library keeps its session there')
  }
  Object.defineProperty(target, 'session', { value: open, configurable: true, writable: true })
}
