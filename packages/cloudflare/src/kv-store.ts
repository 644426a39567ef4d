import type { SessionRecord, Store, SubjectIndex } from '@sojourn/core'
import { checkKv, type KvNamespace, persist, ttlOf } from './kv-namespace.ts'

export interface KvStoreOptions {
  /** The KV namespace. */
  readonly namespace: KvNamespace
  /** What its keys begin with. Default `sojourn:`. */
  readonly prefix?: string
  /** For so many seconds a write that KV refuses as too early is tried again. Default 4. */
  readonly writeTimeout?: number
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface KvStore extends Store, SubjectIndex {}

// `keptUntil`: KV's own expiry, later than the session's, so that a touch need not write the record again.
interface Life {
  readonly expiresAt: number
  readonly keptUntil: number
  readonly indexedUntil: number
}

interface Touch {
  readonly version: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

interface Found extends Life {
  readonly record: SessionRecord
}

const DAY = 86_400_000

// No browser keeps a cookie for longer (RFC 6265bis section 5.5), so no token comes back after its tombstone.
const TOMBSTONE_LIFE = 401 * DAY

/**
 * Sessions in Workers KV: eventually consistent, see docs/stores.md for what that costs.
 *
 * @throws {TypeError} naming the binding that is missing, and the file to add it to.
 */
export function kvStore(options: KvStoreOptions): KvStore {
  const { namespace: kv, prefix = 'sojourn:', writeTimeout = 4, clock = Date.now } = options
  checkKv(kv)

  // Three keys, so that a writer that lags overwrites neither the end of a session nor, by a touch, what others changed.
  const recordKey = (id: string) => `${prefix}record:${id}`
  const touchKey = (id: string) => `${prefix}touch:${id}`
  const endedKey = (id: string) => `${prefix}ended:${id}`
  const indexKey = async (subject: string) => `${prefix}subject:${await digest(subject)}:`

  function put(key: string, value: string, left: number, metadata: object = {}): Promise<void> {
    return persist(
      () => kv.put(key, value, { expirationTtl: ttlOf(left), metadata }),
      writeTimeout * 1000,
    )
  }

  async function find(id: string): Promise<Found | 'ended' | null> {
    if (!/^[\w-]{32}$/.test(id)) return null
    const [kept, touched, ended] = await Promise.all([
      kv.getWithMetadata(recordKey(id)),
      kv.getWithMetadata(touchKey(id)),
      kv.get(endedKey(id)),
    ])
    if (ended !== null) return 'ended'
    if (kept.value === null) return null
    const record: SessionRecord = JSON.parse(kept.value)
    const life = kept.metadata as Life
    const touch = touched.metadata as Touch | null
    // A touch moves the version that it saw, and no other.
    const [lastSeenAt, expiresAt] =
      touch?.version === record.version
        ? [touch.lastSeenAt, touch.expiresAt]
        : [record.lastSeenAt, life.expiresAt]
    return clock() < expiresAt ? { ...life, record: { ...record, lastSeenAt }, expiresAt } : null
  }

  async function live(id: string): Promise<Found | null> {
    const found = await find(id)
    return found === 'ended' ? null : found
  }

  /** Writes the index entry if the one there is does not do, then the record. */
  async function write(record: SessionRecord, expiresAt: number, old: Found | null): Promise<void> {
    const now = clock()
    const { id, subject } = record
    const keptUntil = expiresAt + Math.max(DAY, expiresAt - now)
    const indexed = old?.record.subject === subject && expiresAt <= old.indexedUntil
    const indexedUntil = indexed ? old.indexedUntil : keptUntil
    if (subject !== null && !indexed) {
      await put(`${await indexKey(subject)}${id}`, '', indexedUntil - now)
    }
    const life: Life = { expiresAt, keptUntil, indexedUntil }
    await put(recordKey(id), JSON.stringify(record), keptUntil - now, life)
  }

  return {
    consistency: 'eventual',
    leastTouchInterval: 60_000,
    async read(id) {
      return (await live(id))?.record ?? null
    },
    async create(record, expiresAt) {
      if (await find(record.id)) return false
      await write(record, expiresAt, null)
      return true
    },
    async update(record, expiresAt) {
      const found = await live(record.id)
      if (!found) return 'missing'
      if (found.record.version !== record.version - 1) return 'stale'
      await write(record, expiresAt, found)
      return 'updated'
    },
    async touch(id, lastSeenAt, expiresAt) {
      const found = await live(id)
      if (!found) return false
      const { record, keptUntil, indexedUntil } = found
      const seen = Math.max(record.lastSeenAt, lastSeenAt)
      const until = Math.max(found.expiresAt, expiresAt)
      if (until > Math.min(keptUntil, indexedUntil)) {
        await write({ ...record, lastSeenAt: seen }, until, found)
      }
      const touch: Touch = { version: record.version, lastSeenAt: seen, expiresAt: until }
      await put(touchKey(id), '', until - clock(), touch)
      return true
    },
    async delete(id) {
      const found = await live(id)
      if (!found) return false
      await put(endedKey(id), 'ended', TOMBSTONE_LIFE)
      const { subject } = found.record
      const keys = [recordKey(id), touchKey(id)]
      if (subject !== null) keys.push(`${await indexKey(subject)}${id}`)
      // The tombstone alone ends the session, and what is left expires.
      await Promise.allSettled(keys.map((key) => kv.delete(key)))
      return true
    },
    async list(subject, { after = null, limit = 100 } = {}) {
      const start = await indexKey(subject)
      const page = await kv.list({
        prefix: start,
        limit,
        ...(after === null ? {} : { cursor: after }),
      })
      const found = await Promise.all(page.keys.map(({ name }) => live(name.slice(start.length))))
      return {
        records: found.flatMap((one) => (one?.record.subject === subject ? [one.record] : [])),
        after: page.list_complete ? null : (page.cursor ?? null),
      }
    },
  }
}

// A subject may be longer than a key can be.
async function digest(subject: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subject))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
