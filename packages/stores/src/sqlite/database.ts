/** What goes into a statement. */
export type Value = string | number | null

/** A connection whose statements answer at once: of `node:sqlite`, `better-sqlite3`, `bun:sqlite` or `libsql`. */
export interface ConnectionDatabase {
  prepare(sql: string): ConnectionStatement
  /** Whether a transaction is open, in the word of `node:sqlite`. */
  readonly isTransaction?: boolean
  /** The same in everybody else's. */
  readonly inTransaction?: boolean
}

interface ConnectionStatement {
  /** `false`: it gives no rows, and better-sqlite3 refuses to ask it for any. */
  readonly reader?: boolean
  all(...values: Value[]): unknown[]
  run(...values: Value[]): unknown
}

/** A client of `@libsql/client`. */
export interface LibsqlDatabase {
  readonly protocol: string
  execute(statement: { sql: string; args: Value[] }): Promise<{ rows: unknown[] }>
}

/** A D1 binding. */
export interface D1Database {
  prepare(sql: string): D1Statement
  batch(statements: D1Statement[]): Promise<unknown>
}

interface D1Statement {
  bind(...values: Value[]): D1Statement
  all(): Promise<{ results: unknown[] }>
}

/** What keeps a SQLite database and answers statements. */
export type SqliteDatabase = ConnectionDatabase | LibsqlDatabase | D1Database

/** Which of them one is, by its shape. */
export type Known =
  | { readonly kind: 'connection'; readonly database: ConnectionDatabase }
  | { readonly kind: 'libsql'; readonly database: LibsqlDatabase }
  | { readonly kind: 'd1'; readonly database: D1Database }

/**
 * Tells what a database is. Asks it nothing: at a Worker's global scope D1 would refuse.
 *
 * @throws {TypeError} naming the option.
 */
export function recognise(database: unknown): Known {
  const has = (name: string) => typeof memberOf(database, name) === 'function'
  if (has('getBookmark')) {
    throw new TypeError('"database" must be the D1 binding, got a session of it, which may lag')
  }
  if (has('prepare') && has('batch')) return { kind: 'd1', database: database as D1Database }
  if (has('prepare')) return { kind: 'connection', database: database as ConnectionDatabase }
  if (has('execute') && typeof memberOf(database, 'protocol') === 'string') {
    return { kind: 'libsql', database: database as LibsqlDatabase }
  }
  const got = typeof database === 'string' ? `"${database}"` : typeof database
  throw new TypeError(
    `"database" must be an open database of node:sqlite, better-sqlite3, bun:sqlite, libSQL or D1, got ${got}`,
  )
}

function memberOf(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[name]
}
