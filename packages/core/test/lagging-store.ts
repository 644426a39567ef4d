import type { AnyStore, ReadOptions, SessionRecord } from '../src/index.ts'

export interface LaggingStore extends AnyStore {
  /** Shows plain reads everything that was written so far. */
  catchUp(): void
}

/**
 * A store whose plain reads go on showing a record as they first saw it. An authoritative read sees the truth, unless not even that
 * `knows`.
 */
export function lagging(store: AnyStore, { knows = true } = {}): LaggingStore {
  const seen = new Map<string, SessionRecord | null>()
  return {
    consistency: 'eventual',
    async read(id, { authoritative = false }: ReadOptions = {}) {
      if (authoritative && knows) return store.read(id)
      if (!seen.has(id)) seen.set(id, await store.read(id))
      return seen.get(id) ?? null
    },
    create: (record, expiresAt) => store.create(record, expiresAt),
    update: (record, expiresAt) => store.update(record, expiresAt),
    touch: (id, lastSeenAt, expiresAt) => store.touch(id, lastSeenAt, expiresAt),
    delete: (id) => store.delete(id),
    list: (subject, page) => store.list?.(subject, page) ?? { records: [], after: null },
    catchUp: () => seen.clear(),
  }
}
