import type { AnyStore, Awaitable, ReadOptions, SessionRecord, Store } from '@sojourn/core'
import { type Wrapped, wrapped } from '../wrapped.ts'
import { Copies, type Copy, copyOf } from './copies.ts'

export interface CachedOptions {
  /** A plain read may be as old as this, in whole seconds: for so long a session is accepted here that was revoked elsewhere. */
  readonly staleFor: number
  /** At most so many sessions; the least recently used go first. Default 10 000. */
  readonly maxSessions?: number
  /** At most so many bytes of copies. Default 64 MiB. */
  readonly maxBytes?: number
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

/**
 * The same store, powers and all, whose plain reads come from copies in this process, at most `staleFor` old. What this process has written it
 * reads at once. Writes, revocations, lists and authoritative reads go to the store, which must be a strong one.
 *
 * @throws {TypeError} naming the option that is wrong.
 *
 * @example
 * const store = cached(redisStore({ client }), { staleFor: 5 })
 */
export function cached<S extends AnyStore>(store: S, options: CachedOptions): Wrapped<S> {
  const copies = new Copies(limitsOf(store, options))
  const { clock = Date.now } = options

  /** Writes with no copy to be seen meanwhile. `copy` is what the store has where the answer is `wanted`. */
  async function writing<T>(
    id: string,
    copy: Copy | null,
    wanted: T,
    write: () => Awaitable<T>,
  ): Promise<T> {
    const dropped = copies.drop(id)
    let left: Copy | null = null
    try {
      const answer = await write()
      if (answer === wanted) left = copy
      return answer
    } finally {
      copies.settle(id, dropped, left)
    }
  }

  async function ask(id: string, options?: ReadOptions): Promise<SessionRecord | null> {
    const start = copies.start()
    const record = await store.read(id, options)
    if (record && record.id === id) copies.fill(start, record)
    else copies.drop(id)
    return record
  }

  // A copy is dated before the store is asked: what comes between makes it seem older than it is, never younger.
  const verbs: Omit<Store, 'leastTouchInterval'> = {
    consistency: 'eventual',
    // Each read asks for itself: Workers forbid one request to wait for another's, and one that hangs would make others hang.
    read: (id, options) => (options?.authoritative ? null : copies.find(id)) ?? ask(id, options),
    create(record, expiresAt) {
      const copy = copyOf(record, clock(), expiresAt)
      return writing(record.id, copy, true, () => store.create(record, expiresAt))
    },
    update(record, expiresAt) {
      const copy = copyOf(record, clock(), expiresAt)
      return writing(record.id, copy, 'updated', () => store.update(record, expiresAt))
    },
    touch(id, lastSeenAt, expiresAt) {
      const old = copies.peek(id)
      const moved = old && {
        ...old,
        lastSeenAt: Math.max(old.lastSeenAt, lastSeenAt),
        expiresAt: Math.max(old.expiresAt, expiresAt),
      }
      return writing(id, moved, true, () => store.touch(id, lastSeenAt, expiresAt))
    },
    delete: (id) => writing(id, null, true, () => store.delete(id)),
  }
  return wrapped(store, { ...verbs })
}

function limitsOf(
  store: AnyStore,
  { staleFor, maxSessions = 10_000, maxBytes = 64 * 2 ** 20, clock = Date.now }: CachedOptions,
) {
  if (store?.consistency !== 'strong') {
    throw new TypeError(`"store" must be a strong store, got ${store?.consistency}`)
  }
  if (!(Number.isSafeInteger(staleFor) && staleFor >= 1)) {
    throw new TypeError(`"staleFor" must be whole seconds from 1, got ${staleFor}`)
  }
  for (const [option, value] of Object.entries({ maxSessions, maxBytes })) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new TypeError(`"${option}" must be a count, got ${value}`)
    }
  }
  if (typeof clock !== 'function') {
    throw new TypeError(`"clock" must be a function, got ${typeof clock}`)
  }
  return { staleFor: staleFor * 1000, maxSessions, maxBytes, clock }
}
