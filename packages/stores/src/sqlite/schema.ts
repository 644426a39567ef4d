import { hasHalves, quoted } from '../key.ts'

/** The store's statements. Every instant comes from the store's clock, none from SQLite's. */
export interface Statements {
  /** What makes the table and its indexes where they are missing; each may run alone. */
  readonly schema: readonly string[]
  readonly read: string
  readonly find: string
  readonly create: string
  readonly update: string
  readonly touch: string
  readonly remove: string
  readonly list: string
  readonly sweep: string
}

/**
 * The statements for a table of this name.
 *
 * @throws {TypeError} naming the option.
 */
export function statementsFor(table: string): Statements {
  // SQLite keeps the first prefix for itself, D1 the second.
  if (typeof table !== 'string' || !/^(?!sqlite_|_cf_)[^\0]+$/isu.test(table) || hasHalves(table)) {
    throw new TypeError(
      `"table" must be the name of a table, got ${typeof table === 'string' ? JSON.stringify(table) : typeof table}`,
    )
  }
  const name = quoted(table)
  const columns = 'version, subject, last_seen_at, expires_at, record'
  const live = 'id = ? AND expires_at > ?'
  return {
    schema: [
      // A row is larger than WITHOUT ROWID is good for. Not STRICT: an instant may have a fraction, if the clock has.
      `CREATE TABLE IF NOT EXISTS ${name} (
        id TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        subject TEXT,
        last_seen_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        record TEXT NOT NULL
      )`,
      `CREATE INDEX IF NOT EXISTS ${quoted(`${table} by expiry`)} ON ${name} (expires_at)`,
      `CREATE INDEX IF NOT EXISTS ${quoted(`${table} by subject`)} ON ${name} (subject, id) WHERE subject IS NOT NULL`,
    ],
    read: `SELECT record, last_seen_at FROM ${name} WHERE ${live}`,
    find: `SELECT version FROM ${name} WHERE ${live}`,
    create: `INSERT INTO ${name} (${columns}, id) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET (${columns}) =
        (excluded.version, excluded.subject, excluded.last_seen_at, excluded.expires_at, excluded.record)
      WHERE expires_at <= ? RETURNING 1`,
    update: `UPDATE ${name} SET (${columns}) = (?, ?, ?, ?, ?)
      WHERE ${live} AND version = ? RETURNING 1`,
    touch: `UPDATE ${name} SET last_seen_at = max(last_seen_at, ?), expires_at = max(expires_at, ?)
      WHERE ${live} RETURNING 1`,
    remove: `DELETE FROM ${name} WHERE ${live} RETURNING 1`,
    list: `SELECT record, last_seen_at, id FROM ${name}
      WHERE subject = ? AND id > ? AND expires_at > ? ORDER BY id LIMIT ?`,
    sweep: `DELETE FROM ${name} WHERE rowid IN
      (SELECT rowid FROM ${name} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING 1`,
  }
}
