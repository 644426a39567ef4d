import { postgresNotifications } from '@sojourn/stores/watched'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasPostgres, type PostgresServer, postgresServer } from '../kit/postgres-server.ts'
import { type Cluster, cluster, type Member, untilHeard, watching } from './processes.ts'

let server: PostgresServer
let joined: Cluster
beforeAll(async () => {
  if (hasPostgres) server = await postgresServer('fsync=off')
})
afterEach(() => joined?.close())
afterAll(() => server?.clear())

function pgMember(): Member {
  const pool = new pg.Pool({ connectionString: server.url(), max: 2 })
  pool.on('error', () => {})
  const listener = () => new pg.Client(server.url())
  return {
    notifications: postgresNotifications({ database: pool, listener }),
    close: () => pool.end(),
  }
}

const clients: Readonly<Record<string, () => Member>> = {
  pg: pgMember,
  postgres() {
    const sql = postgres(server.url(), { max: 2, backoff: () => 0.1, onnotice: () => {} })
    return {
      notifications: postgresNotifications({ database: sql, listener: sql }),
      close: () => sql.end(),
    }
  },
}

/** How many connections listen. */
async function listeners(): Promise<number> {
  const client = new pg.Client(server.url())
  await client.connect()
  const { rows } = await client.query(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE lower(query) LIKE 'listen%'`,
  )
  await client.end()
  return rows[0].count
}

describe.skipIf(!hasPostgres).each(Object.entries(clients))(
  'through Postgres, with %s',
  (_, open) => {
    it('who watches in another process is told of a session that was revoked here', async () => {
      joined = cluster(open)
      const [here, there, third] = [await joined.join(), await joined.join(), await joined.join()]
      await untilHeard(joined, here.store, there.store)
      const [id, other] = [await joined.record(), await joined.record()]
      const watches = [there, there, third, here].map(({ store }) => watching(store, id))
      const untouched = watching(there.store, other)
      await untilHeard(joined, here.store, third.store)
      await here.store.delete(id)
      const told = await Promise.all(watches.map(({ told }) => told))
      expect(told).toEqual(watches.map(() => 'revoked'))
      expect(untouched.reasons).toEqual([])
      expect([here.errors, there.errors]).toEqual([[], []])
    })

    it('who lost its connection finds what ended meanwhile, and hears again', async () => {
      joined = cluster(open)
      const [here, there] = [await joined.join(), await joined.join()]
      await untilHeard(joined, here.store, there.store)
      const id = await joined.record()
      const { told } = watching(there.store, id)
      await untilHeard(joined, here.store, there.store)
      await server.end()
      expect(await here.store.delete(id)).toBe(true)
      await server.start()
      expect(['gone', 'revoked']).toContain(await told)
      await untilHeard(joined, here.store, there.store)
    })

    it('a delete is acknowledged though nobody can be told', async () => {
      joined = cluster(open)
      const here = await joined.join()
      const id = await joined.record()
      const watch = watching(here.store, id)
      await server.end()
      try {
        expect(await here.store.delete(id)).toBe(true)
        expect(watch.reasons).toEqual(['revoked'])
      } finally {
        await server.start()
      }
    })
  },
)

describe.skipIf(!hasPostgres)('through Postgres', () => {
  it('unwatchAll closes the connection that listened, with pg', async () => {
    joined = cluster(pgMember)
    const { store } = await joined.join()
    await untilHeard(joined, (await joined.join()).store, store)
    const before = await listeners()
    expect(before).toBeGreaterThan(0)
    await store.unwatchAll()
    while ((await listeners()) === before) await new Promise((resolve) => setImmediate(resolve))
    expect(await listeners()).toBe(before - 1)
  })
})
