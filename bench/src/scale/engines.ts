import { setTimeout } from 'node:timers/promises'
import { postgresStore } from '@sojourn/stores/postgres'
import { redisStore } from '@sojourn/stores/redis'
import pg from 'pg'
import { createClient } from 'redis'
import { postgresServer } from '../../../packages/stores/test/kit/postgres-server.ts'
import { redisServer } from '../../../packages/stores/test/kit/redis-server.ts'
import type { IndexedStore } from './measure.ts'

const MINUTE = 60_000

/** A server of its own, empty, with a store on it. */
export interface Engine {
  readonly name: string
  readonly store: IndexedStore
  /** Called before sessions are made to expire. */
  prepare(): Promise<void>
  /** When sessions end that are made to expire, all at once. */
  soon(): number
  /** Resolves when what has expired is gone, or a minute has been spent on it: how many went. */
  expired(): Promise<number>
  /** What all sessions take, indexes included. */
  bytes(): Promise<number>
  end(): Promise<void>
}

export async function redis(): Promise<Engine> {
  const server = await redisServer()
  const client = createClient({ url: server.url })
  await client.connect()
  const info = await client.info('server')
  const memory = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
  const empty = await memory()
  let [instant, keys] = [0, 0]
  return {
    name: `Redis ${/redis_version:(\S+)/.exec(info)?.[1]}`,
    store: redisStore({ client }),
    async prepare() {
      keys = await client.dbSize()
      instant = Date.now() + MINUTE
    },
    soon: () => instant,
    // Redis removes them by itself, a minute after they have expired.
    async expired() {
      const start = instant + MINUTE
      await setTimeout(start - Date.now())
      const before = await client.dbSize()
      let left = before
      while (left > keys && Date.now() < start + MINUTE) {
        await setTimeout(50)
        left = await client.dbSize()
      }
      return before - left
    },
    bytes: async () => (await memory()) - empty,
    async end() {
      client.destroy()
      await server.clear()
    },
  }
}

export async function postgres(): Promise<Engine> {
  const server = await postgresServer()
  const database = new pg.Pool({ connectionString: server.url(), max: 16 })
  const store = postgresStore({ database })
  await store.migrate()
  const one = async (sql: string): Promise<unknown> =>
    Object.values((await database.query(sql)).rows[0])[0]
  return {
    name: `Postgres ${String(await one('SHOW server_version')).split(' ')[0]}`,
    store,
    async prepare() {},
    soon: () => Date.now() - 1,
    async expired() {
      const start = Date.now()
      let gone = 0
      for (;;) {
        const swept = await store.sweep(Date.now(), 10_000)
        gone += swept
        if (!swept || Date.now() > start + MINUTE) return gone
      }
    },
    bytes: async () => Number(await one(`SELECT pg_total_relation_size('sojourn_sessions')`)),
    async end() {
      await database.end()
      await server.clear()
    },
  }
}
