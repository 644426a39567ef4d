import type { SessionRecord, Store, SubjectIndex, Sweeper } from '@sojourn/core'
import { keyOf } from '../key.ts'
import { connect, type PostgresDatabase, type Row, type Value } from './database.ts'
import { codeOf, isRolledBack, TABLE_MISSING } from './failure.ts'
import { statementsFor } from './schema.ts'
import { subjectKeyOf } from './subject-key.ts'

export interface PostgresStoreOptions {
  /** The pool or client, or a function that queries. Nobody may leave a transaction open on it: a pool is best. */
  readonly database: PostgresDatabase
  /** The schema of the table. Default: where the connection's search path leads. */
  readonly schema?: string
  /** The table. Default `sojourn_sessions`. */
  readonly table?: string
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface PostgresStore extends Store, SubjectIndex, Sweeper {
  /**
   * Makes the schema, the table and its indexes where they are missing; to be called once before the store is used, by who may
   * create them. Changes nothing that is there. Safe when several do it at once.
   */
  migrate(): Promise<void>
  /** As every sweep, in batches, of which each is a transaction. */
  sweep(before: number, limit: number): Promise<number>
}

const SWEEP_BATCH = 1000
// With the pauses between them, about half a second. Each time it was somebody else who got through.
const ATTEMPTS = 100
// In milliseconds.
const MOST_PAUSE = 10

/**
 * Sessions in Postgres: strongly consistent for everybody who asks the primary.
 *
 * @throws {TypeError} naming the option that is wrong.
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  const { database, schema, table = 'sojourn_sessions', clock = Date.now } = options
  const sql = statementsFor(table, schema)
  const query = connect(database)

  async function ask(statement: string, ...values: Value[]): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await query(statement, values)
      } catch (error) {
        if (codeOf(error) === TABLE_MISSING) {
          const message = `There is no table ${JSON.stringify(table)}: call migrate() once before`
          throw new Error(message, { cause: error })
        }
        if (!isRolledBack(error) || attempt === ATTEMPTS) throw error
      }
      await pause(attempt)
    }
  }

  return {
    consistency: 'strong',
    async migrate() {
      await ask(sql.migrate)
    },
    async read(id) {
      const [row] = await ask(sql.read, keyOf(id), clock())
      return row ? thaw(row) : null
    },
    async create(record, expiresAt) {
      const columns = await columnsOf(record, expiresAt)
      return isDone(await ask(sql.create, ...columns, keyOf(record.id), clock()))
    },
    async update(record, expiresAt) {
      const columns = await columnsOf(record, expiresAt)
      const kept = [keyOf(record.id), clock(), record.version - 1]
      const [row] = await ask(sql.update, ...columns, ...kept)
      return row?.[0] as 'updated' | 'stale' | 'missing'
    },
    async touch(id, lastSeenAt, expiresAt) {
      return isDone(await ask(sql.touch, lastSeenAt, expiresAt, keyOf(id), clock()))
    },
    async delete(id) {
      return isDone(await ask(sql.remove, keyOf(id), clock()))
    },
    async list(subject, { after, limit = 100 } = {}) {
      const key = await subjectKeyOf(subject)
      // One more than asked for says whether there is a next page.
      const rows = await ask(sql.list, key, after ?? '', clock(), limit + 1)
      const page = rows.slice(0, limit)
      // By the column, whatever a record says of itself: an order that goes on.
      const last = page.at(-1)?.[2] as string | undefined
      return { records: page.map(thaw), after: rows.length > limit ? (last ?? null) : null }
    },
    async sweep(before, limit) {
      let swept = 0
      // Each batch goes on where the last one ended: its rows stay in the index until Postgres finds time to clean up.
      let hour = -Number.MAX_VALUE
      for (;;) {
        const most = Math.min(limit - swept, SWEEP_BATCH)
        const [row] = await ask(sql.sweep, before, most, hour)
        const count = Number(row?.[0])
        swept += count
        if (count < most || swept >= limit) return swept
        hour = Number(row?.[1])
      }
    },
  }
}

async function columnsOf(record: SessionRecord, expiresAt: number): Promise<Value[]> {
  const { version, subject, lastSeenAt } = record
  const key = subject === null ? null : await subjectKeyOf(subject)
  return [version, key, lastSeenAt, expiresAt, JSON.stringify(record)]
}

function thaw([text, lastSeenAt]: Row): SessionRecord {
  return { ...JSON.parse(text as string), lastSeenAt: Number(lastSeenAt) }
}

function isDone({ length }: readonly Row[]): boolean {
  return length > 0
}

// Those who were in each other's way do not come back together.
function pause(attempt: number): Promise<void> {
  return new Promise((resolve) =>
    setTimeout(resolve, Math.random() * Math.min(attempt, MOST_PAUSE)),
  )
}
