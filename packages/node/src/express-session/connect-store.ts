import type { JsonObject, SessionRecord, Store } from '@sojourn/core'
import {
  answerOf,
  type ConnectStore,
  destroyIn,
  type Done,
  getFrom,
  type StoredSession,
} from './connect.ts'
import { Cookie } from './cookie.ts'
import type { CookieData } from './cookie-options.ts'
import { sharedBy } from './in-turn.ts'
import { warnOnce } from './warn.ts'

/** Where a connect-style record holds what makes it one of ours. */
export const FACTS = '__sojourn'

/** A connect-style store as one of ours. */
export interface WrappedStore extends Store {
  /** Keeps a record whose id nobody else can have. */
  put(record: SessionRecord): Promise<void>
  /** The store's own touch, which gets what the store gave, with the cookie as it is now. Nothing that is gone is touched. */
  readonly touchOwn: ((id: string, cookie: Cookie) => Promise<boolean>) | null
}

/**
 * Sessions in any connect-style store. It cannot compare and set, so it is `eventual`: requests of one process take turns, and of two in
 * different processes that write one session at the same moment, one may be lost.
 *
 * @throws {TypeError} for what is no connect-style store.
 */
export function connectStore(
  store: ConnectStore,
  { clock = Date.now }: { readonly clock?: () => number } = {},
): WrappedStore {
  for (const name of ['get', 'set', 'destroy'] as const) {
    if (typeof store?.[name] !== 'function') {
      throw new TypeError(`"store" must be a connect-style store, got one without "${name}"`)
    }
  }
  const { inTurn, write: writeOf, ended, wrote, remember, recall } = sharedBy(store)
  async function read(id: string): Promise<Kept | null> {
    const found = await remember(id, () => getFrom(store, id))
    const kept = found && decode(found)
    if (!kept || kept.record.id !== id) return null
    return kept.expiresAt !== null && clock() >= kept.expiresAt ? null : kept
  }
  async function write(record: SessionRecord, expiresAt: number): Promise<void> {
    const encoded = encode(record, expiresAt)
    await change(record.id, (done) => store.set(record.id, encoded, done))
  }
  async function change(id: string, ask: (done: Done) => unknown): Promise<void> {
    wrote(id)
    const undo = (): void => {
      inTurn(id, () => destroy(id)).catch((error) => {
        warnOnce('REVIVED', `A session that has ended may be there again: ${String(error)}`)
      })
    }
    await writeOf(id, answerOf(ask), undo).finally(() => wrote(id))
  }
  async function destroy(id: string): Promise<void> {
    wrote(id)
    await destroyIn(store, id).finally(() => wrote(id))
  }

  return {
    consistency: 'eventual',
    read: async (id) => (await read(id))?.record ?? null,
    create: (record, expiresAt) =>
      inTurn(record.id, async (check) => {
        if (await read(record.id)) return false
        check()
        await write(record, expiresAt)
        return true
      }),
    update: (record, expiresAt) =>
      inTurn(record.id, async (check) => {
        const kept = await read(record.id)
        if (!kept) return 'missing'
        if (kept.record.version !== record.version - 1) return 'stale'
        check()
        await write(record, expiresAt)
        return 'updated'
      }),
    touch: (id, lastSeenAt, expiresAt) =>
      inTurn(id, async (check) => {
        const kept = await read(id)
        if (!kept) return false
        check()
        const { record } = kept
        const seen = { ...record, lastSeenAt: Math.max(record.lastSeenAt, lastSeenAt) }
        await write(seen, Math.max(kept.expiresAt ?? 0, expiresAt))
        return true
      }),
    delete: (id) =>
      inTurn(id, async () => {
        ended(id)
        const kept = await read(id)
        if (kept) await destroy(id)
        return kept !== null
      }),
    put: (record) => inTurn(record.id, () => write(record, 0)),
    touchOwn: store.touch
      ? (id, cookie) =>
          inTurn(id, async (check) => {
            const stored = recall(id) ?? (await getFrom(store, id))
            if (!stored || !isOurs(stored)) return false
            check()
            await change(id, (done) => store.touch?.(id, { ...stored, cookie }, done))
            return true
          })
      : null,
  }
}

/** Whether a connect-style record is one of ours, and so no session of express-session's. */
export function isOurs(stored: StoredSession): boolean {
  return Object.hasOwn(stored, FACTS)
}

interface Kept {
  readonly record: SessionRecord
  /** `null`: the store itself knows. */
  readonly expiresAt: number | null
}

// A session of the drop-in looks in the store as it always did, with facts beside. Any other is kept whole among the facts.
function encode(record: SessionRecord, expiresAt: number): StoredSession {
  const { data, ...facts } = copy(record)
  const { cookie, ...rest } = data
  return isCookie(cookie)
    ? { ...rest, cookie: asUsed(cookie as CookieData, record, expiresAt), [FACTS]: facts }
    : {
        cookie: new Cookie({ expires: new Date(expiresAt) }),
        [FACTS]: { ...facts, data, expiresAt },
      }
}

function decode(stored: StoredSession): Kept | null {
  if (!isOurs(stored)) return null
  const { [FACTS]: facts, ...data } = copy(stored) as unknown as Record<string, JsonObject>
  if (typeof facts !== 'object') return null
  const { expiresAt = null, ...record } = { data, ...facts } as unknown as SessionRecord & {
    readonly expiresAt?: number
  }
  return { record, expiresAt }
}

// The store goes by when the cookie expires, which the native API does not move, also where it remembers somebody.
function asUsed(
  kept: CookieData,
  { lastSeenAt, persistent }: SessionRecord,
  expiresAt: number,
): Cookie {
  const cookie = new Cookie(kept)
  const { originalMaxAge } = cookie
  // Not `false` either, which is what `expires = false` leaves there.
  if (typeof originalMaxAge !== 'number') return cookie
  const until = Math.max(lastSeenAt + originalMaxAge, persistent ? expiresAt : 0)
  if (Number(cookie.expires) < until) cookie._expires = new Date(until)
  return cookie
}

/** Whether a record has a cookie by which its store can go. */
export function isCookie(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'originalMaxAge' in value
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
