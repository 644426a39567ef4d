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

// No browser keeps a cookie for longer (RFC 6265bis section 5.5), so no token comes back after it.
const GUARD_LIFE = 401 * DAY

// As many as KV lists at once.
const MAX_PAGE = 1000

/**
 * Sessions in Workers KV: eventually consistent, see docs/stores.md for what that costs.
 *
 * @throws {TypeError} naming the binding that is missing, and the file to add it to.
 */
export function kvStore(options: KvStoreOptions): KvStore {
  const { namespace: kv, prefix = 'sojourn:', writeTimeout = 4, clock = Date.now } = options
  checkKv(kv)
  if (!(writeTimeout >= 0 && writeTimeout < Infinity)) {
    throw new TypeError(`"writeTimeout" must be seconds from 0, got ${writeTimeout}`)
  }

  // Four keys, so that a writer that lags overwrites neither the end of a session, nor that its token was replaced, nor, by a touch, what
  // others changed.
  const recordKey = (id: string) => `${prefix}record:${id}`
  const touchKey = (id: string) => `${prefix}touch:${id}`
  const replacedKey = (id: string) => `${prefix}replaced:${id}`
  const endedKey = (id: string) => `${prefix}ended:${id}`
  const indexKey = async (subject: string) => `${prefix}subject:${await digest(subject)}:`

  function put(key: string, value: string, left: number, metadata: object = {}): Promise<void> {
    return persist(
      () => kv.put(key, value, { expirationTtl: ttlOf(left), metadata }),
      writeTimeout * 1000,
    )
  }

  // Longer than any cookie, and than whoever lags may still write the record for.
  function guardLife(keptUntil: number): number {
    return Math.max(GUARD_LIFE, 2 * (keptUntil - clock()))
  }

  async function find(id: string): Promise<Found | 'ended' | null> {
    if (!/^[\w-]{32}$/.test(id)) return null
    const [kept, touched, replaced, ended] = await Promise.all([
      kv.getWithMetadata(recordKey(id)),
      kv.getWithMetadata(touchKey(id)),
      kv.get(replacedKey(id)),
      kv.get(endedKey(id)),
    ])
    if (ended !== null) return 'ended'
    const life = kept.metadata as Life | null
    if (kept.value === null || !life) return null
    const record = parsed(kept.value)
    // Somebody wrote back what was there before the token was replaced.
    if (record.generation < Number(replaced)) return null
    const touch = touched.metadata as Touch | null
    // A touch moves the version that it saw, and no other.
    const [lastSeenAt, expiresAt] =
      touch && touch.version === record.version
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
    const { id, subject, generation } = record
    const keptUntil = expiresAt + Math.max(DAY, expiresAt - now)
    const indexed = old?.record.subject === subject && expiresAt <= old.indexedUntil
    const indexedUntil = indexed ? old.indexedUntil : keptUntil
    if (subject !== null && !indexed) {
      await put(`${await indexKey(subject)}${id}`, '', indexedUntil - now)
    }
    const life: Life = { expiresAt, keptUntil, indexedUntil }
    await put(recordKey(id), JSON.stringify(record), keptUntil - now, life)
    if (old && old.record.generation < generation) {
      await put(replacedKey(id), `${generation}`, guardLife(keptUntil))
    }
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
      await put(endedKey(id), 'ended', guardLife(found.keptUntil))
      const { subject, generation } = found.record
      const keys = [recordKey(id), touchKey(id)]
      if (generation > 0) keys.push(replacedKey(id))
      if (subject !== null) keys.push(`${await indexKey(subject)}${id}`)
      // The tombstone alone ends the session, and what is left expires.
      await Promise.allSettled(keys.map((key) => kv.delete(key)))
      return true
    },
    async list(subject, { after = null, limit = 100 } = {}) {
      const start = await indexKey(subject)
      const page = await kv.list({
        prefix: start,
        limit: Math.min(limit, MAX_PAGE),
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

// What is no JSON is no record either, and is left to the core to report.
function parsed(text: string): SessionRecord {
  try {
    return JSON.parse(text)
  } catch {
    return text as unknown as SessionRecord
  }
}

// A subject may be longer than a key can be.
async function digest(subject: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subject))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
