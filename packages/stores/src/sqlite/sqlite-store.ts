import type { Awaitable, SessionRecord, Store, SubjectIndex, Sweeper } from '@sojourn/core'
import { keyOf } from '../key.ts'
import { andThen } from './awaitable.ts'
import { connect, type Row } from './connect.ts'
import type { SqliteDatabase, Value } from './database.ts'
import { statementsFor } from './schema.ts'

export interface SqliteStoreOptions {
  /** The open database, best a connection of the store's own. */
  readonly database: SqliteDatabase
  /** The table, made where it is missing. Default `sojourn_sessions`. */
  readonly table?: string
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface SqliteStore extends Store, SubjectIndex, Sweeper {
  /** As every sweep, in batches, between which other requests and other processes have their turn. */
  sweep(before: number, limit: number): Promise<number>
}

// As many as are gone before anybody who waits to write takes notice.
const SWEEP_BATCH = 1000
// In milliseconds.
const SWEEP_PAUSE = 10

/**
 * Sessions in SQLite: strongly consistent for every process that has the file open, and there after a crash.
 *
 * @throws {TypeError} naming the option that is wrong.
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { database, table = 'sojourn_sessions', clock = Date.now } = options
  const sql = statementsFor(table)
  const connection = connect(database)
  let ready: Awaitable<true> | undefined

  // Prepared at the first use: at its global scope a Worker may ask D1 nothing, and a failure belongs to the request that meets it.
  function ask(statement: string, ...values: Value[]): Awaitable<readonly Row[]> {
    try {
      ready ??= andThen(connection.prepare(sql.schema), () => true)
      const rows = andThen(ready, () => connection.query(statement, ...values))
      return andThen(rows, (rows) => rows, forget)
    } catch (error) {
      return forget(error)
    }
  }

  // The table may be gone, or the connection's settings: prepared again, the next request may find all in order.
  function forget(error: unknown): never {
    ready = undefined
    throw error
  }

  return {
    consistency: 'strong',
    read(id) {
      return andThen(ask(sql.read, keyOf(id), clock()), ([row]) => (row ? thaw(row) : null))
    },
    create(record, expiresAt) {
      return isDone(ask(sql.create, ...columnsOf(record, expiresAt), keyOf(record.id), clock()))
    },
    update(record, expiresAt) {
      const [id, now] = [keyOf(record.id), clock()]
      const values = [...columnsOf(record, expiresAt), id, now, record.version - 1]
      return andThen(ask(sql.update, ...values), ([updated]) => {
        if (updated) return 'updated'
        // Nothing was written, so what happens between the two statements can only be told or missed, never done harm to.
        return andThen(ask(sql.find, id, now), ([kept]) => (kept ? 'stale' : 'missing'))
      })
    },
    touch(id, lastSeenAt, expiresAt) {
      return isDone(ask(sql.touch, lastSeenAt, expiresAt, keyOf(id), clock()))
    },
    delete(id) {
      return isDone(ask(sql.remove, keyOf(id), clock()))
    },
    list(subject, { after, limit = 100 } = {}) {
      // One more than asked for says whether there is a next page.
      return andThen(ask(sql.list, keyOf(subject), after ?? '', clock(), limit + 1), (rows) => {
        const page = rows.slice(0, limit)
        // By the column, whatever a record says of itself: an order that goes on.
        const last = page.at(-1)?.[2] as string | undefined
        return { records: page.map(thaw), after: rows.length > limit ? (last ?? null) : null }
      })
    },
    async sweep(before, limit) {
      let swept = 0
      for (;;) {
        const most = Math.min(limit - swept, SWEEP_BATCH)
        const { length } = await ask(sql.sweep, before, most)
        swept += length
        if (length < most || swept >= limit) return swept
        await pause()
      }
    },
  }
}

function columnsOf(record: SessionRecord, expiresAt: number): Value[] {
  const { version, subject, lastSeenAt } = record
  const key = subject === null ? null : keyOf(subject)
  return [version, key, lastSeenAt, expiresAt, JSON.stringify(record)]
}

// A connection may be set to give every whole number as a BigInt.
function thaw([text, lastSeenAt]: Row): SessionRecord {
  return { ...JSON.parse(text as string), lastSeenAt: Number(lastSeenAt) }
}

function isDone(rows: Awaitable<readonly Row[]>): Awaitable<boolean> {
  return andThen(rows, ({ length }) => length > 0)
}

// Other requests have their turn, and so do other processes: who waits for a lock looks again after some milliseconds only.
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SWEEP_PAUSE))
}
