import { postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAMMER_TIMEOUT, HAMMERED, hammer } from '../kit/hammer.ts'
import { hasPostgres, postgresServer } from '../kit/postgres-server.ts'
import { shelf } from './clients.ts'

describe.skipIf(!hasPostgres)('four processes that hammer one session of one server', () => {
  const things = shelf()
  let url = ''
  beforeAll(async () => {
    const server = await postgresServer()
    things.keep(server, (one) => one.clear())
    url = server.url()
  })
  afterAll(() => things.clear())

  it.each(['read committed', 'serializable'])(
    `where transactions are %s: ${HAMMERED}`,
    async (isolation) => {
      const database = things.keep(new pg.Pool({ connectionString: url }), (pool) => pool.end())
      await database.query(`ALTER ROLE postgres SET default_transaction_isolation = '${isolation}'`)
      const store = postgresStore({ database })
      await store.migrate()
      await hammer(store, import.meta.resolve('./open-store.ts'), url)
      const { rows } = await database.query('SELECT count(*)::int AS n FROM sojourn_sessions')
      expect(rows).toEqual([{ n: 0 }])
    },
    HAMMER_TIMEOUT,
  )
})
