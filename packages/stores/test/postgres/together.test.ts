import { type PostgresStore, postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPostgres, postgresServer } from '../kit/postgres-server.ts'
import { run } from '../kit/processes.ts'
import { sample } from '../kit/records.ts'
import { shelf } from './clients.ts'

const things = shelf()
let url = ''
beforeAll(async () => {
  if (!hasPostgres) return
  const server = await postgresServer('fsync=off')
  things.keep(server, (one) => one.clear())
  url = server.url()
})
afterAll(() => things.clear())

function pool(): pg.Pool {
  return things.keep(new pg.Pool({ connectionString: url, max: 4 }), (one) => one.end())
}

describe.skipIf(!hasPostgres)('processes that start at once', () => {
  it.each(['read committed', 'repeatable read', 'serializable'])(
    'all make the same schema and table, which is made once, and keep their session: %s',
    async (isolation) => {
      const script = import.meta.resolve('./starter.process.ts')
      const option = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
      const address = `${url}?options=${encodeURIComponent(option)}`
      const starters = [1, 2, 3, 4].map(() =>
        things.keep(run<{ started: unknown }>(script, address), (one) => one.end()),
      )
      const answers = () => Promise.all(starters.map(async (one) => (await one.next()).started))
      const database = pool()
      await answers()
      for (let round = 0; round < 30; round++) {
        const name = `${isolation} ${round}`
        for (const starter of starters) starter.send({ name })
        expect(await answers()).toEqual([true, true, true, true])
        const { rows } = await database.query(`SELECT count(*)::int AS n FROM "${name}"."${name}"`)
        expect(rows).toEqual([{ n: 4 }])
        const indexes = await database.query('SELECT FROM pg_indexes WHERE tablename = $1', [name])
        expect(indexes.rowCount).toBe(3)
      }
    },
  )
})

describe.skipIf(!hasPostgres)('a sweep of 50,000 sessions', () => {
  const now = Date.now()
  const ids: string[] = []
  let store: PostgresStore
  beforeAll(async () => {
    if (!hasPostgres) return
    const client = pool()
    store = postgresStore({ database: client })
    await store.migrate()
    for (let turn = 0; turn < 3; turn++) {
      const record = sample(now)
      ids.push(record.id)
      await store.create(record, now + 60 * 60_000)
    }
    await client.query(
      `INSERT INTO sojourn_sessions (id, version, subject, last_seen_at, expires_at, record)
      SELECT 'expired ' || i, 1, 'subject ' || i % 100, 0, i * 1e6, repeat('x', 400) FROM generate_series(1, 50000) i`,
    )
  })

  it('passes by what others hold, and waits for nobody', async () => {
    const other = await pool().connect()
    await other.query(`BEGIN; SELECT FROM sojourn_sessions WHERE id = 'expired 1' FOR UPDATE`)
    try {
      expect(await store.sweep(3e6, 10)).toBe(2)
    } finally {
      await other.query('ROLLBACK')
      other.release()
    }
    expect(await store.sweep(3e6, 10)).toBe(1)
  })

  it('counts each once where four sweep, and keeps nobody from reading and writing meanwhile', async () => {
    let over = false
    const turns = { read: 0, written: 0 }
    async function goOn(): Promise<void> {
      while (!over) {
        for (const id of ids) {
          if (await store.read(id)) turns.read++
          if (await store.touch(id, Date.now(), now + 60 * 60_000)) turns.written++
        }
        await store.create(sample(now, { subject: 'subject 1' }), now + 60 * 60_000)
      }
    }
    const going = [goOn(), goOn()]
    const sweepers = [1, 2, 3, 4].map(() => postgresStore({ database: pool() }))
    const swept = await Promise.all(sweepers.map((one) => one.sweep(now, 1e6)))
    over = true
    await Promise.all(going)
    expect(swept.reduce((sum, count) => sum + count)).toBe(49_997)
    // All had their turns.
    expect(Math.min(...swept)).toBeGreaterThan(0)
    // Who waits for the whole sweep has one turn.
    expect(turns.read).toBe(turns.written)
    expect(turns.read).toBeGreaterThan(50)
    const left = await pool().query(
      'SELECT count(*)::int AS n FROM sojourn_sessions WHERE id ~ $1',
      ['^expired'],
    )
    expect(left.rows).toEqual([{ n: 0 }])
  })
})
