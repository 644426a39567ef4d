import type { Awaitable } from './provider.ts'
import type { SessionRecord } from './record.ts'

/** How a record is read. */
export interface ReadOptions {
  /** Past every cache: as the newest acknowledged write left it, where the store can know. Default `false`. */
  readonly authoritative?: boolean
}

/** What is to be acted on is read so. */
export const AUTHORITATIVE: ReadOptions = { authoritative: true }

/**
 * Where records live. Instants are epoch milliseconds. A method rejects (or throws) only when the store fails: that something is
 * absent is an answer. Records go in and come out as copies. `storeContract` of `@sojourn/core/testing` tests all of it.
 */
export interface Store {
  /** `strong`: a read sees every write that was acknowledged before it, everywhere. */
  readonly consistency: 'strong' | 'eventual'
  /** The least milliseconds between two touches of one session, where the store limits them: a tenth of the least idle timeout. */
  readonly leastTouchInterval?: number
  /** The record; `null` when it is unknown or has expired, or the id is malformed. A store that knows of no cache needs no options. */
  read(id: string, options?: ReadOptions): Awaitable<SessionRecord | null>
  /** Keeps a new record until `expiresAt`. `false`: the id is taken, and nothing was written. */
  create(record: SessionRecord, expiresAt: number): Awaitable<boolean>
  /**
   * Replaces a record if the one kept has the version before this one's (compare-and-set), atomically. `stale`: it has another;
   * `missing`: there is none. Never creates.
   */
  update(record: SessionRecord, expiresAt: number): Awaitable<'updated' | 'stale' | 'missing'>
  /**
   * Moves `lastSeenAt` and the expiry of a record, neither of them backwards, and nothing else: not even the version.
   * `false`: there is none. Never creates.
   */
  touch(id: string, lastSeenAt: number, expiresAt: number): Awaitable<boolean>
  /** Removes a record, for good. `false`: there was none. */
  delete(id: string): Awaitable<boolean>
}

/** One page of a subject's sessions. */
export interface SubjectPage {
  readonly records: readonly SessionRecord[]
  /** What to pass to get the next page; `null`: this was the last. */
  readonly after: string | null
}

/** A store's further power to find sessions by subject. Follows every create, update, delete and expiry of the records. */
export interface SubjectIndex {
  /** The subject's live records, at most `limit` (default 100) at a time, in an order that deletions do not disturb. */
  list(subject: string, page?: { after?: string | null; limit?: number }): Awaitable<SubjectPage>
}

/** A store's further power to remove what has expired, where nothing else does. */
export interface Sweeper {
  /** Removes at most `limit` records that expired at or before an instant; the number removed. Safe to run twice at once. */
  sweep(before: number, limit: number): Awaitable<number>
}

/** A store that lives and dies with the process, and so can draw a secret for as long. */
export interface EphemeralStore {
  /** 32 random bytes, the same for the life of this store. */
  secret(): Uint8Array
}

/** A store with whichever further powers it has. */
export type AnyStore = Store & Partial<SubjectIndex & Sweeper & EphemeralStore>
