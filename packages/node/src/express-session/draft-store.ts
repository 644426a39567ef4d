import type { AnyStore, SessionRecord } from '@sojourn/core'
import type { WrappedStore } from './connect-store.ts'

/** A store in which a session can be changed that is not there yet. */
export interface DraftStore extends AnyStore {
  /** Lets a record be read that its first write will create. */
  draft(record: SessionRecord): void
  /** Drops it where it was not written. */
  forget(id: string): void
}

/**
 * The core draws a session's random part with the first write, and here it is known before. So the first write looks to the core like a
 * later one. Every record is kept for as long as its own cookie says, and ends together with what is left of it where it was before.
 */
export function draftStore(
  store: AnyStore | WrappedStore,
  idleOf: (record: SessionRecord) => number,
  endFormer: (id: string) => Promise<void>,
): DraftStore {
  const drafts = new Map<string, SessionRecord>()
  const { list } = 'list' in store ? { list: store.list?.bind(store) } : {}
  const untilOf = (record: SessionRecord): number => record.lastSeenAt + idleOf(record) * 1.1

  async function create(record: SessionRecord): Promise<boolean> {
    drafts.delete(record.id)
    if (!('put' in store)) return store.create(record, untilOf(record))
    await store.put(record)
    return true
  }

  return {
    consistency: store.consistency,
    draft: (record) => void drafts.set(record.id, record),
    forget: (id) => void drafts.delete(id),
    read: (id, options) => drafts.get(id) ?? store.read(id, options),
    create: (record) => store.create(record, untilOf(record)),
    async update(record) {
      const seen = { ...record, lastSeenAt: Math.max(record.lastSeenAt, Date.now()) }
      if (!drafts.has(record.id)) return store.update(seen, untilOf(seen))
      return (await create({ ...seen, version: 1 })) ? 'updated' : 'stale'
    },
    touch(id, lastSeenAt, expiresAt) {
      return store.touch(id, lastSeenAt, expiresAt)
    },
    async delete(id) {
      // The former first, from where a request might still take it. That it fails is told, and is no reason to let the session live on here.
      const former = await Promise.allSettled([endFormer(id)])
      const ended = await store.delete(id)
      for (const answer of former) if (answer.status === 'rejected') throw answer.reason
      return ended
    },
    ...(list && { list }),
  }
}
