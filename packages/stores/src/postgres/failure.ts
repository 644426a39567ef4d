/** Postgres' code for a table that is not there, or is not seen. */
export const TABLE_MISSING = '42P01'

// Serialization failure and deadlock: what others did at the same moment leaves no order in which all of it could have happened.
const ROLLED_BACK: readonly unknown[] = ['40001', '40P01']

/** Whether the statement was taken back as a whole because of what others did, and may be sent again. */
export function isRolledBack(error: unknown): boolean {
  return ROLLED_BACK.includes(codeOf(error))
}

/** Postgres' code of a client's error. */
export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}
