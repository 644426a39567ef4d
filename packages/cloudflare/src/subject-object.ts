/// <reference path="./cloudflare-workers.d.ts" />
import { DurableObject } from 'cloudflare:workers'
import { SETTLED_AFTER } from './index-lease.ts'

interface Entry {
  readonly removeAt: number
  readonly grantedAt: number
}

/** An entry as a list shows it. */
export interface IndexEntry {
  readonly id: string
  readonly grantedAt: number
  /** Whether the session spoke for the subject by now if it ever will by this entry. */
  readonly settled: boolean
}

/** The ids of the sessions that speak, spoke or are about to speak for one subject. */
export class SubjectObject extends DurableObject {
  /** Promises to keep an entry for so many milliseconds, and says until and since when. */
  async add(id: string, lasting: number): Promise<{ until: number; grantedAt: number }> {
    const { kv } = this.ctx.storage
    const old = kv.get<Entry>(id)
    const removeAt = Math.max(Date.now() + lasting, old?.removeAt ?? 0)
    // A lease is known by its instant, so no two of one entry have the same.
    const grantedAt = Math.max(Date.now(), (old?.grantedAt ?? 0) + 1)
    kv.put(id, { removeAt, grantedAt })
    const alarm = await this.ctx.storage.getAlarm()
    if (alarm === null || removeAt < alarm) await this.ctx.storage.setAlarm(removeAt)
    return { until: removeAt, grantedAt }
  }

  /** The entries after an id, in the order of ids. */
  async list(
    after: string | null,
    limit: number,
  ): Promise<{ entries: IndexEntry[]; after: string | null }> {
    const found = this.ctx.storage.kv.list<Entry>({
      ...(after === null ? {} : { startAfter: after }),
      limit: limit + 1,
    })
    const settledBy = Date.now() - SETTLED_AFTER
    const entries = Array.from(found, ([id, { grantedAt }]) => ({
      id,
      grantedAt,
      settled: grantedAt <= settledBy,
    }))
    const page = entries.slice(0, limit)
    return { entries: page, after: entries.length > limit ? (page.at(-1)?.id ?? null) : null }
  }

  /** Removes entries that no session relies on, unless they were promised anew since. */
  async drop(entries: readonly { id: string; grantedAt: number }[]): Promise<void> {
    const { kv } = this.ctx.storage
    for (const { id, grantedAt } of entries) {
      if (kv.get<Entry>(id)?.grantedAt === grantedAt) kv.delete(id)
    }
    if (this.#isEmpty()) await this.#clear()
  }

  /** Removes what has expired, and waits for the next. */
  async alarm(): Promise<void> {
    const { kv } = this.ctx.storage
    let next = Number.POSITIVE_INFINITY
    for (const [id, { removeAt }] of [...kv.list<Entry>()]) {
      if (removeAt <= Date.now()) kv.delete(id)
      else next = Math.min(next, removeAt)
    }
    if (next < Number.POSITIVE_INFINITY) await this.ctx.storage.setAlarm(next)
    else await this.#clear()
  }

  #isEmpty(): boolean {
    for (const _ of this.ctx.storage.kv.list({ limit: 1 })) return false
    return true
  }

  async #clear(): Promise<void> {
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()])
  }
}
