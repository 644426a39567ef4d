import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { counted, current, type ObjectContext } from './counted-storage.ts'
import { createMeter } from './meter.ts'

interface Sql {
  exec(query: string, ...values: unknown[]): Cursor
}

interface Cursor {
  readonly rowsRead: number
  readonly rowsWritten: number
  toArray(): unknown[]
}

// What the platform keeps entries in, and asks it (workerd, sqlite-kv.h).
const TABLE = 'CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID'
const PUT = 'INSERT INTO entries VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'
const GET = 'SELECT value FROM entries WHERE key = ?'
const DELETE = 'DELETE FROM entries WHERE key = ?'
const LIST = 'SELECT * FROM entries WHERE key >= ? ORDER BY key LIMIT ?'

describe('storage that is counted', () => {
  const original = current.meter
  beforeEach(() => {
    current.meter = createMeter(Date.now)
    current.meter.phase = 'nothing'
  })
  afterEach(() => {
    current.meter = original
  })

  /** The rows that were counted since the last time. */
  let seen = [0, 0]
  function rows(): number[] {
    const { rowsRead, rowsWritten } = current.meter.tally('nothing')
    const since = [rowsRead - (seen[0] ?? 0), rowsWritten - (seen[1] ?? 0)]
    seen = [rowsRead, rowsWritten]
    return since
  }

  function within<T>(work: (given: ObjectContext) => T | Promise<T>): Promise<T> {
    seen = [0, 0]
    const stub = env.PLAIN_OBJECTS.getByName(crypto.randomUUID())
    return runInDurableObject(stub, (_, state) => work(state as unknown as ObjectContext))
  }

  it('has the rows that SQLite itself counts for the same statements', async () => {
    await within((given) => {
      const { sql } = given.storage as unknown as { sql: Sql }
      const { kv } = counted(given, () => null).storage
      sql.exec(TABLE)
      const inSqlite = (query: string, ...values: unknown[]) => {
        const cursor = sql.exec(query, ...values)
        cursor.toArray()
        return [cursor.rowsRead, cursor.rowsWritten]
      }
      const same = (query: string, values: unknown[], act: () => unknown) => {
        act()
        expect(rows(), query).toEqual(inSqlite(query, ...values))
      }
      same(GET, ['a'], () => kv.get('a'))
      same(PUT, ['a', 'one'], () => kv.put('a', 'one'))
      same(PUT, ['a', 'two'], () => kv.put('a', 'two'))
      same(PUT, ['b', 'one'], () => kv.put('b', 'one'))
      same(GET, ['a'], () => kv.get('a'))
      same(LIST, ['', 1], () => kv.list({ limit: 1 }))
      same(LIST, ['', 9], () => kv.list({ limit: 9 }))
      same(DELETE, ['a'], () => kv.delete('a'))
      same(DELETE, ['a'], () => kv.delete('a'))
    })
  })

  it('has one row written for an alarm that is set, and for each row that is deleted', async () => {
    await within(async (given) => {
      const { storage } = counted(given, () => null)
      await storage.setAlarm(Date.now() + 60_000)
      expect(rows()).toEqual([0, 1])
      storage.kv.put('a', 1)
      storage.kv.put('b', 2)
      rows()
      await storage.deleteAlarm()
      expect(rows()).toEqual([0, 1])
      await storage.deleteAll()
      expect(rows()).toEqual([2, 2])
    })
  })

  it('keeps bytes as long as it holds something', async () => {
    await within(async (given) => {
      const { storage } = counted(given, () => null)
      storage.kv.put('a', 1)
      expect(current.meter.settle()).toHaveLength(1)
      await storage.deleteAll()
      expect(current.meter.settle()).toEqual([])
    })
  })
})
