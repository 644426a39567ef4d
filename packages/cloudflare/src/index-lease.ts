/**
 * What a subject's index promises a session: to keep its entry until `until`. Both instants are of the platform's clock, whatever
 * the store's says: the two objects keep to one.
 */
export interface IndexLease {
  readonly subject: string
  readonly until: number
  readonly grantedAt: number
}

/** Within so many milliseconds a session must have relied on a lease, or ask for another. */
export const LEASE_TIME = 30_000

/** An entry this old that no session relies on will never be relied on: clocks that differ by half of it do no harm. */
export const SETTLED_AFTER: number = 2 * LEASE_TIME

/** How much longer than its session an entry is kept, so that a session in use renews it once a day at most. */
export const ENTRY_MARGIN = 86_400_000
