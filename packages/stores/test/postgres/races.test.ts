import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAMMER_TIMEOUT, HAMMERED, hammer } from '../kit/hammer.ts'
import { hasPostgres, postgresServer } from '../kit/postgres-server.ts'
import { shelf } from './clients.ts'

const things = shelf()
let url = ''
beforeAll(async () => {
  url = hasPostgres ? await startServer() : await startPglite()
})
afterAll(() => things.clear())

async function startServer(): Promise<string> {
  const server = await postgresServer()
  return things.keep(server, (one) => one.clear()).url()
}

// One statement at a time, whoever sends it: it shows less, and is everywhere.
async function startPglite(): Promise<string> {
  const db = things.keep(await PGlite.create(), (one) => one.close())
  const server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1', maxConnections: 20 })
  await things.keep(server, (one) => one.stop()).start()
  return `postgres://postgres@${server.getServerConn()}/postgres`
}

/** Four processes, each with a pool, where transactions are isolated so; how many of them were taken back. */
async function race(isolation: string): Promise<number> {
  const database = things.keep(new pg.Pool({ connectionString: url, max: 2 }), (one) => one.end())
  await database.query(`ALTER ROLE postgres SET default_transaction_isolation = '${isolation}'`)
  const store = postgresStore({ database })
  await store.migrate()
  await hammer(store, import.meta.resolve('./open-store.ts'), url)
  const left = await database.query('SELECT count(*)::int AS n FROM sojourn_sessions')
  expect(left.rows).toEqual([{ n: 0 }])
  const { rows } = await database.query(
    'SELECT xact_rollback::int AS n FROM pg_stat_database WHERE datname = current_database()',
  )
  return rows[0].n
}

describe('four processes that hammer one session of one server', () => {
  it(HAMMERED, () => race('read committed'), HAMMER_TIMEOUT)

  it.skipIf(!hasPostgres)(
    `${HAMMERED}, where the server takes back what it cannot put into an order`,
    async () => {
      expect(await race('serializable')).toBeGreaterThan(100)
    },
    HAMMER_TIMEOUT,
  )
})
