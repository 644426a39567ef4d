/// <reference path="./cloudflare-workers.d.ts" />
import { DurableObject } from 'cloudflare:workers'
import { type IndexLease, LEASE_TIME } from './index-lease.ts'

/** A record on its way to its object: as JSON text, with what the object decides by. */
export interface SessionWrite {
  readonly text: string
  readonly version: number
  readonly subject: string | null
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/** Nothing was written: the index must first promise to list the session under this subject for so many milliseconds. */
export interface Unindexed {
  readonly unindexed: string
  readonly lasting: number
}

// `removeAt` is the expiry by the object's own clock, which the alarm goes by.
interface Entry extends SessionWrite {
  readonly removeAt: number
  readonly lease: IndexLease | null
}

const KEY = 'session'

/** One session. `now` is the store's time, so that one clock judges all expiry. */
export class SessionObject extends DurableObject {
  /** The record's text and when it was last touched; `null`: there is none. */
  async read(now: number): Promise<{ text: string; lastSeenAt: number } | null> {
    const entry = this.#live(now)
    return entry ? { text: entry.text, lastSeenAt: entry.lastSeenAt } : null
  }

  async create(
    write: SessionWrite,
    now: number,
    given: IndexLease | null,
  ): Promise<boolean | Unindexed> {
    if (this.#live(now)) return false
    try {
      return this.#put(write, now, null, given) ?? true
    } catch (error) {
      // What is too big has made a table all the same.
      await this.#clear()
      throw error
    }
  }

  async update(
    write: SessionWrite,
    now: number,
    given: IndexLease | null,
  ): Promise<'updated' | 'stale' | 'missing' | Unindexed> {
    const entry = this.#live(now)
    if (!entry) return 'missing'
    if (entry.version !== write.version - 1) return 'stale'
    return this.#put(write, now, entry, given) ?? 'updated'
  }

  async touch(
    lastSeenAt: number,
    expiresAt: number,
    now: number,
    given: IndexLease | null,
  ): Promise<boolean | Unindexed> {
    const entry = this.#live(now)
    if (!entry) return false
    const moved = {
      lastSeenAt: Math.max(entry.lastSeenAt, lastSeenAt),
      expiresAt: Math.max(entry.expiresAt, expiresAt),
    }
    return this.#put({ ...entry, ...moved }, now, entry, given) ?? true
  }

  /** The lease to give back; `null` within it: the session spoke for nobody. `null`: there was no session. */
  async delete(now: number): Promise<{ lease: IndexLease | null } | null> {
    const entry = this.#live(now)
    if (!entry) return null
    await this.#clear()
    return { lease: entry.lease }
  }

  /** Removes an expired session; for one that was touched since, sets itself again. */
  async alarm(): Promise<void> {
    const entry = this.ctx.storage.kv.get<Entry>(KEY)
    if (entry && Date.now() < entry.removeAt) await this.ctx.storage.setAlarm(entry.removeAt)
    else await this.#clear()
  }

  // Neither this nor `#put` awaits, so that nothing comes between the reasons for a write and the write.
  #live(now: number): Entry | undefined {
    const entry = this.ctx.storage.kv.get<Entry>(KEY)
    if (!entry || now < entry.expiresAt) return entry
    void this.#clear()
    return
  }

  #put(
    { text, version, subject, lastSeenAt, expiresAt }: SessionWrite,
    now: number,
    old: Entry | null,
    given: IndexLease | null,
  ): Unindexed | null {
    const removeAt = Date.now() + expiresAt - now
    const lease = leaseFor(subject, removeAt, old, given)
    if (subject !== null && !lease) return { unindexed: subject, lasting: removeAt - Date.now() }
    const entry: Entry = { text, version, subject, lastSeenAt, expiresAt, removeAt, lease }
    this.ctx.storage.kv.put(KEY, entry)
    // An alarm that goes off too early sets itself again: only one that would be too late is moved.
    if (!old || removeAt < old.removeAt) void this.ctx.storage.setAlarm(removeAt)
    return null
  }

  // Both, since `deleteAll` leaves the alarm under compatibility dates before 2026-02-24.
  async #clear(): Promise<void> {
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()])
  }
}

function leaseFor(
  subject: string | null,
  removeAt: number,
  old: Entry | null,
  given: IndexLease | null,
): IndexLease | null {
  // With time to spare, since no two machines agree on it.
  const covers = (lease: IndexLease | null | undefined): lease is IndexLease =>
    lease?.subject === subject && removeAt + LEASE_TIME <= lease.until
  if (covers(old?.lease)) return old.lease
  return covers(given) && Date.now() - given.grantedAt < LEASE_TIME ? given : null
}
