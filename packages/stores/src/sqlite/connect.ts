import type { Awaitable } from '@sojourn/core'
import { andThen } from './awaitable.ts'
import type {
  ConnectionDatabase,
  D1Database,
  LibsqlDatabase,
  SqliteDatabase,
  Value,
} from './database.ts'
import { recognise } from './database.ts'

/** A row's values, in the order of its columns. */
export type Row = readonly unknown[]

/** All that the store needs of a database, whichever it is. */
export interface Connection {
  /** The rows that a statement answers with. */
  query(sql: string, ...values: Value[]): Awaitable<readonly Row[]>
  /** Makes ready what the caller has opened, and what is missing of the schema. */
  prepare(schema: readonly string[]): Awaitable<unknown>
}

// As long as the sessions wait for a store.
const BUSY_TIMEOUT = 5000

/**
 * Connects a store to a database of any kind.
 *
 * @throws {TypeError} naming the option.
 */
export function connect(database: SqliteDatabase): Connection {
  const known = recognise(database)
  if (known.kind === 'd1') return toD1(known.database)
  if (known.kind === 'libsql') return toLibsql(known.database)
  return toConnection(known.database)
}

function toConnection(database: ConnectionDatabase): Connection {
  const statements = new Map<string, ReturnType<ConnectionDatabase['prepare']>>()

  function query(sql: string, ...values: Value[]): readonly Row[] {
    try {
      // What others do in it might be taken back, our writes with it, and reads would be old.
      if (database.isTransaction || database.inTransaction) {
        throw new Error('A transaction is open: give the store a connection of its own')
      }
      const statement = statements.get(sql) ?? database.prepare(sql)
      statements.set(sql, statement)
      if (statement.reader === false) statement.run(...values)
      const rows = statement.reader === false ? [] : statement.all(...values)
      if (!Array.isArray(rows)) throw new TypeError('"database" must answer at once, with rows')
      return rows.map(valuesOf)
    } catch (error) {
      // Closing a database ends its statements, and it may be opened again.
      statements.clear()
      throw error
    }
  }

  return {
    query,
    prepare(schema) {
      if (!numberOf(query('PRAGMA busy_timeout'))) query(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
      useWal(query)
      for (const statement of schema) query(statement)
      // better-sqlite3 lowers it for WAL, and what was acknowledged could go with the power.
      if (numberOf(query('PRAGMA synchronous')) < 2) query('PRAGMA synchronous = FULL')
    },
  }
}

function toLibsql(database: LibsqlDatabase): Connection {
  async function query(sql: string, ...args: Value[]): Promise<readonly Row[]> {
    const { rows } = await database.execute({ sql, args })
    return rows.map(valuesOf)
  }
  return {
    query,
    async prepare(schema) {
      // The client opens connections as it needs them, so only what stays in the file can be set.
      if (database.protocol === 'file') await useWal(query)
      for (const statement of schema) await query(statement)
    },
  }
}

function toD1(database: D1Database): Connection {
  return {
    async query(sql, ...values) {
      const { results } = await database
        .prepare(sql)
        .bind(...values)
        .all()
      return results.map(valuesOf)
    },
    async prepare(schema) {
      await database.batch(schema.map((statement) => database.prepare(statement)))
    },
  }
}

// Nobody may be reading when the mode changes, and SQLite does not wait for that. Another process that starts is doing the same,
// and otherwise the next start does: the mode stays in the file.
function useWal(query: Connection['query']): Awaitable<unknown> {
  const refused = (error: unknown): null => {
    if (/locked|busy/i.test(String(error))) return null
    throw error
  }
  try {
    return andThen(query('PRAGMA journal_mode = WAL'), (rows) => rows, refused)
  } catch (error) {
    return refused(error)
  }
}

function valuesOf(row: unknown): Row {
  return Object.values(row as object)
}

function numberOf(rows: readonly Row[]): number {
  return Number(rows[0]?.[0])
}
