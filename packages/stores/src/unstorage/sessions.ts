import type { SessionRecord } from '@sojourn/core'
import type { Entries } from './entries.ts'
import type { Keys } from './keys.ts'
import type { Turn } from './turns.ts'

/** How long a record counts, and how long it and its index entry are kept. */
export interface Kept {
  readonly record: SessionRecord
  readonly expiresAt: number
  readonly keptUntil: number
  readonly indexedUntil: number
}

/** Moves what the record of one version says of its use. */
export interface Touch {
  readonly version: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/** Of what is there to keep others from harm: until when it is needed. */
export interface Guard {
  readonly until: number
}

/** Records of an earlier generation were written by somebody who had not seen this one. */
interface Replaced extends Guard {
  readonly generation: number
}

/** An index entry, and how long it was promised for. */
interface Entry {
  readonly key: string
  readonly until: number
}

/** The sessions of a storage. Each of these is to have its turn with the session. */
export interface Sessions {
  /** The live session; `ended`: there was one. */
  find(id: string): Promise<Kept | 'ended' | null>
  live(id: string): Promise<Kept | null>
  begin(turn: Turn, record: SessionRecord, expiresAt: number): Promise<void>
  /** `false`: it ended, or its token was replaced, elsewhere and meanwhile. */
  replace(turn: Turn, record: SessionRecord, expiresAt: number, old: Kept): Promise<boolean>
  /** `false`: as above. */
  touch(turn: Turn, found: Kept, lastSeenAt: number, expiresAt: number): Promise<boolean>
  end(turn: Turn, found: Kept): Promise<void>
}

const DAY = 86_400_000

export function sessionsIn(entries: Entries, keys: Keys, clock: () => number): Sessions {
  function put(turn: Turn, key: string, value: object, until: number): Promise<void> {
    turn.check()
    return entries.put(key, value, until - clock())
  }

  // Longer than a record can last that somebody is writing who has not seen the guard.
  function guardedUntil({ lastSeenAt }: SessionRecord, expiresAt: number): number {
    const now = clock()
    return now + DAY + 2 * (expiresAt - Math.min(now, lastSeenAt))
  }

  async function look(id: string): Promise<Kept | 'ended' | 'dead' | null> {
    const key = keys.of(id)
    const [kept, touched, replaced, ended] = await Promise.all([
      entries.get<Kept>(key.record),
      entries.get<Touch>(key.touch),
      entries.get<Replaced>(key.replaced),
      entries.has(key.ended),
    ])
    if (ended) return 'ended'
    if (!kept) return null
    if (kept.record?.id !== id) throw new Error(`What is under ${key.record} is another session`)
    if (kept.record.generation < (replaced?.generation ?? 0)) return 'dead'
    const found = touchedBy(touched, kept)
    return clock() < found.expiresAt ? found : 'dead'
  }

  async function find(id: string): Promise<Kept | 'ended' | null> {
    const seen = await look(id)
    if (seen !== 'dead') return seen
    // So does a session look that another process changed while its keys were read.
    const again = await look(id)
    return again === 'dead' ? null : again
  }

  async function live(id: string): Promise<Kept | null> {
    const found = await find(id)
    return found === 'ended' ? null : found
  }

  /** The index entry, if the one there does not do, and then the record: nothing speaks for a subject that is not listed. Its key, if it was written. */
  async function write(
    turn: Turn,
    record: SessionRecord,
    expiresAt: number,
    old: Kept | null,
  ): Promise<Entry | null> {
    const { id, subject } = record
    const keptUntil = expiresAt + Math.max(DAY, expiresAt - clock())
    const indexed = old?.record.subject === subject && expiresAt <= old.indexedUntil
    const indexedUntil = indexed ? old.indexedUntil : keptUntil
    const entry =
      subject === null || indexed
        ? null
        : { key: await keys.entry(subject, id), until: indexedUntil }
    if (entry) await put(turn, entry.key, { until: entry.until }, entry.until)
    const kept: Kept = { record, expiresAt, keptUntil, indexedUntil }
    await put(turn, keys.of(id).record, kept, keptUntil)
    return entry
  }

  async function replace(turn: Turn, record: SessionRecord, expiresAt: number, old: Kept) {
    const { id, generation } = record
    const key = keys.of(id)
    const entry = await write(turn, record, expiresAt, old)
    if (old.record.generation < generation) {
      const until = guardedUntil(old.record, Math.max(expiresAt, old.expiresAt))
      await put(turn, key.replaced, { generation, until } satisfies Replaced, until)
    }
    // Whoever ended the session meanwhile said so before this look, or removes what was written.
    const [replaced, ended, indexed] = await Promise.all([
      entries.get<Replaced>(key.replaced),
      entries.has(key.ended),
      entry && entries.get<Guard>(entry.key),
    ])
    const dead = !!replaced && generation < replaced.generation
    // What guards against this record may end before it: it was to last longer than the one they were made for.
    if (ended || (dead && (await isEarlier(key.record, replaced)))) {
      await entries.remove(key.record)
    } else if (entry && !(indexed && indexed.until >= entry.until)) {
      // Somebody else promised it for a shorter time.
      await put(turn, entry.key, { until: entry.until }, entry.until)
    }
    return !ended && !dead
  }

  async function isEarlier(key: string, { generation }: Replaced): Promise<boolean> {
    const kept = await entries.get<Kept>(key)
    return !!kept && kept.record.generation < generation
  }

  // A driver may keep a mark of what it is told to remove, so only of what is there.
  async function drop(key: string): Promise<void> {
    if (await entries.has(key)) await entries.remove(key)
  }

  return {
    find,
    live,
    replace,
    async begin(turn, record, expiresAt) {
      const { touch, replaced } = keys.of(record.id)
      // Of a session that has expired and had this id.
      await Promise.all([touch, replaced].map((key) => drop(key)))
      await write(turn, record, expiresAt, null)
    },
    async touch(turn, found, lastSeenAt, expiresAt) {
      const { record, keptUntil, indexedUntil } = found
      const seen = Math.max(record.lastSeenAt, lastSeenAt)
      const until = Math.max(found.expiresAt, expiresAt)
      if (until > Math.min(keptUntil, indexedUntil)) {
        return replace(turn, { ...record, lastSeenAt: seen }, until, found)
      }
      const touch: Touch = { version: record.version, lastSeenAt: seen, expiresAt: until }
      await put(turn, keys.of(record.id).touch, touch, keptUntil)
      return true
    },
    async end(turn, { record, expiresAt }) {
      const { id, subject } = record
      const key = keys.of(id)
      const until = guardedUntil(record, expiresAt)
      await put(turn, key.ended, { until } satisfies Guard, until)
      const rest = [key.record, key.touch, key.replaced]
      if (subject !== null) rest.push(await keys.entry(subject, id))
      // The tombstone alone ends the session, and what is left expires.
      await Promise.allSettled(rest.map((one) => entries.remove(one)))
    },
  }
}

// A touch moves the version that it saw, and no other; not backwards, where a later one has written the record again.
function touchedBy(touch: Touch | null, kept: Kept): Kept {
  const { record } = kept
  if (touch?.version !== record.version) return kept
  const lastSeenAt = Math.max(record.lastSeenAt, touch.lastSeenAt)
  return {
    ...kept,
    record: { ...record, lastSeenAt },
    expiresAt: Math.max(kept.expiresAt, touch.expiresAt),
  }
}
