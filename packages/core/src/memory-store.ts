import { optionError } from './options.ts'
import type { SessionRecord } from './record.ts'
import type { EphemeralStore, Store, SubjectIndex, SubjectPage, Sweeper } from './store.ts'

export interface MemoryStoreOptions {
  /** At most this many sessions; what was not used lately goes first. Default 100 000. */
  readonly maxSessions?: number
  /** At most this many bytes of records as JSON text. Default 64 MiB. */
  readonly maxBytes?: number
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

/** The store of one process: bounded, strongly consistent, gone with the process. */
export interface MemoryStore extends Store, SubjectIndex, Sweeper, EphemeralStore {
  /** How many sessions it holds, expired ones included until they are swept. */
  readonly size: number
  /** How many bytes of JSON text it holds. */
  readonly bytes: number
}

// Text, because text is a copy by nature and takes half the memory of the object. What a touch moves stands beside it.
interface Entry {
  text: string
  version: number
  subject: string | null
  lastSeenAt: number
  expiresAt: number
  /** How often the hand still passes it by: once if it was written, twice if it was read since. */
  passes: number
}

/**
 * Sessions in this process's memory.
 *
 * @throws {TypeError} naming an option of the wrong type.
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxSessions = 100_000, maxBytes = 64 * 2 ** 20, clock = Date.now } = options
  for (const [option, value] of Object.entries({ maxSessions, maxBytes })) {
    if (!(Number.isInteger(value) && value > 0)) throw optionError(option, 'a count', value)
  }
  const entries = new Map<string, Entry>()
  // The hand of a clock that looks for what can go: to keep entries in order of use would cost more than all the rest of reading one.
  let hand = entries.entries()
  const subjects = new Map<string, Set<string>>()
  let bytes = 0
  let secret: Uint8Array | undefined

  function live(id: string): Entry | undefined {
    const entry = entries.get(id)
    if (!entry) return
    if (clock() < entry.expiresAt) return entry
    remove(id)
    return
  }

  function put(record: SessionRecord, expiresAt: number): void {
    const { id, version, subject, lastSeenAt } = record
    const text = JSON.stringify(record)
    const size = sizeOf(text)
    if (size > maxBytes) throw new RangeError(`"maxBytes" < ${size}`)
    remove(id)
    makeRoom(size)
    entries.set(id, { text, version, subject, lastSeenAt, expiresAt, passes: 1 })
    bytes += size
    if (subject !== null) subjects.set(subject, (subjects.get(subject) ?? new Set()).add(id))
  }

  function remove(id: string): void {
    const entry = entries.get(id)
    if (!entry) return
    entries.delete(id)
    bytes -= sizeOf(entry.text)
    if (entry.subject === null) return
    const ids = subjects.get(entry.subject)
    if (ids?.delete(id) && !ids.size) subjects.delete(entry.subject)
  }

  // Every write looks at two entries for what has expired, and goes on while there is no room.
  function makeRoom(size: number): void {
    for (let looked = 0; ; looked++) {
      const full = entries.size >= maxSessions || bytes + size > maxBytes
      if (!full && looked > 1) return
      const { value } = hand.next()
      if (!value) hand = entries.entries()
      else if (value[1].expiresAt <= clock() || (full && !value[1].passes)) remove(value[0])
      else if (full) value[1].passes--
    }
  }

  function thaw(entry: Entry): SessionRecord {
    const record = JSON.parse(entry.text)
    record.lastSeenAt = entry.lastSeenAt
    return record
  }

  return {
    consistency: 'strong',
    get size(): number {
      return entries.size
    },
    get bytes(): number {
      return bytes
    },
    secret(): Uint8Array {
      secret ??= crypto.getRandomValues(new Uint8Array(32))
      return secret
    },
    read(id): SessionRecord | null {
      const entry = live(id)
      if (!entry) return null
      entry.passes = 2
      return thaw(entry)
    },
    create(record, expiresAt): boolean {
      if (live(record.id)) return false
      put(record, expiresAt)
      return true
    },
    update(record, expiresAt): 'updated' | 'stale' | 'missing' {
      const entry = live(record.id)
      if (!entry) return 'missing'
      if (entry.version !== record.version - 1) return 'stale'
      put(record, expiresAt)
      return 'updated'
    },
    touch(id, lastSeenAt, expiresAt): boolean {
      const entry = live(id)
      if (!entry) return false
      entry.lastSeenAt = Math.max(entry.lastSeenAt, lastSeenAt)
      entry.expiresAt = Math.max(entry.expiresAt, expiresAt)
      return true
    },
    delete(id): boolean {
      const entry = live(id)
      if (!entry) return false
      remove(id)
      return true
    },
    list(subject, { after, limit = 100 } = {}): SubjectPage {
      const from = after ?? ''
      const ids = [...(subjects.get(subject) ?? [])].sort().filter((id) => id > from)
      const page = ids.slice(0, limit)
      return {
        records: page
          .map(live)
          .filter((entry) => entry !== undefined)
          .map(thaw),
        after: ids.length > limit ? (page.at(-1) ?? null) : null,
      }
    },
    sweep(before, limit): number {
      let swept = 0
      for (const [id, entry] of entries) {
        if (swept === limit) break
        if (entry.expiresAt > before) continue
        remove(id)
        swept++
      }
      return swept
    },
  }
}

// An engine keeps one byte a character, or two as soon as one character needs them.
function sizeOf(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? text.length * 2 : text.length
}
