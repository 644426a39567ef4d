/** What goes into a statement. */
export type Value = string | number | null

/** Sends one statement with its values for `$1`, `$2`, …; rows, or an object with `rows`. */
export type QueryFunction = (text: string, values: Value[]) => PromiseLike<unknown>

/** A pool or client of `pg` or of what has its interface, PGlite, or Neon's function for queries over HTTP. */
export interface QueryDatabase {
  query(text: string, values: Value[]): PromiseLike<unknown>
}

/** The `sql` of `postgres`. */
export interface UnsafeDatabase {
  unsafe(text: string, values: Value[], options: { prepare: boolean }): PromiseLike<unknown>
}

/** What answers statements from a Postgres database. */
export type PostgresDatabase = QueryDatabase | UnsafeDatabase | QueryFunction

/** A row's values, in the order of its columns. */
export type Row = readonly unknown[]

/** All that the store needs of a database, whichever it is. */
export type Query = (text: string, values: Value[]) => Promise<readonly Row[]>

/**
 * Connects a store to a database. Asks it nothing.
 *
 * @throws {TypeError} naming the option.
 */
export function connect(database: PostgresDatabase): Query {
  const send = senderOf(database)
  return async (text, values) => {
    const answer: unknown = await send(text, values)
    const rows = Array.isArray(answer) ? answer : (answer as { rows?: unknown } | null)?.rows
    if (!Array.isArray(rows)) {
      throw new TypeError('"database" must answer with rows, or an object that has them')
    }
    // By position: clients may give arrays, and may be set to rename columns.
    return rows.map((row) => Object.values(row))
  }
}

function senderOf(database: PostgresDatabase): QueryFunction {
  // Neon's function has both, and its `unsafe` sends nothing.
  if (has(database, 'query')) return (text, values) => database.query(text, values)
  if (has(database, 'unsafe')) {
    // Unprepared, `postgres` asks for the types of the values first: two round trips. With its own `prepare: false` it obeys that.
    return (text, values) => database.unsafe(text, values, { prepare: true })
  }
  if (typeof database === 'function') return database
  const got = typeof database === 'string' ? 'a string' : typeof database
  throw new TypeError(
    `"database" must be a pool or client of pg, a "sql" of postgres, a function of Neon, PGlite or a function that queries, got ${got}`,
  )
}

function has<Name extends string>(
  database: unknown,
  name: Name,
): database is Record<Name, (...args: unknown[]) => PromiseLike<unknown>> {
  return typeof (database as Record<string, unknown> | null | undefined)?.[name] === 'function'
}
