import { setTimeout } from 'node:timers/promises'
import { createSessions, type SessionEvent } from '@sojourn/core'
import { browser } from '@sojourn/core/testing'
import { type PostgresDatabase, type PostgresStore, postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPostgres, type PostgresServer, postgresServer } from '../kit/postgres-server.ts'
import { sample } from '../kit/records.ts'
import { shelf } from './clients.ts'

const DAY = 86_400_000
const ROUNDS = 3
const WRITERS = 4

const things = shelf()
let server: PostgresServer
beforeAll(async () => {
  if (!hasPostgres) return
  server = things.keep(await postgresServer(), (one) => one.clear())
  const store = postgresStore({ database: poolOf() })
  await store.migrate()
})
afterAll(() => things.clear())

/** What a pool says of connections that broke while nobody used them. Where nobody listens, that ends the process. */
const broken: Error[] = []
function poolOf(): pg.Pool {
  const pool = new pg.Pool({ connectionString: server.url(), max: 6 })
  pool.on('error', (error) => broken.push(error))
  return things.keep(pool, (one) => one.end())
}

function sqlOf(): postgres.Sql {
  // By default a client that found nobody waits up to 20 s before it looks again.
  return things.keep(postgres(server.url(), { max: 6, backoff: () => 0.1 }), (one) =>
    one.end({ timeout: 1 }),
  )
}

/** A visitor of a site whose sessions a store keeps. */
function visitorOf(store: PostgresStore) {
  const events: SessionEvent[] = []
  const sessions = createSessions<{ visits: number }>({
    store,
    secret: 'x'.repeat(32),
    storeTimeout: 1,
    onEvent: (event) => void events.push(event),
  })
  const visitor = browser(
    sessions.wrap(async (request, open) => {
      const session = await open()
      if (request.url.endsWith('/visit')) session.update('visits', (n = 0) => n + 1)
      return new Response(`${session.get('visits') ?? 'new'}`)
    }),
  )
  return { visitor, events, visit: async (to: string) => (await visitor.get(to)).text() }
}

/** Writes until the store fails; the versions that were acknowledged, and what was under way when it failed. */
async function writeOn(store: PostgresStore, acknowledged: Map<string, number | null>) {
  for (let turn = 0; ; turn++) {
    const now = Date.now()
    const first = sample(now, { subject: 'ada', data: { text: 'x'.repeat((turn * 97) % 5000) } })
    const { id } = first
    let version: number | null = 1
    try {
      expect(await store.create(first, now + DAY)).toBe(true)
      acknowledged.set(id, version)
      for (version = 2; version < 2 + (turn % 4); version++) {
        expect(await store.update({ ...first, version }, now + DAY)).toBe('updated')
        acknowledged.set(id, version)
      }
      version = null
      if (turn % 3 === 0) {
        expect(await store.delete(id)).toBe(true)
        acknowledged.set(id, version)
      }
    } catch (error) {
      if ((error as Error).name === 'AssertionError') throw error
      return { id, version }
    }
  }
}

async function untilBack(store: PostgresStore): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await store.read('x')
      return
    } catch (error) {
      if (attempt === 100) throw error
      await setTimeout(50)
    }
  }
}

const databases: Record<string, () => PostgresDatabase> = { pg: poolOf, postgres: sqlOf }

describe.skipIf(!hasPostgres)('a server that is killed while many write', () => {
  it.each(Object.keys(databases))(
    'has every write that it acknowledged, and the same client goes on with it: %s',
    async (client) => {
      const store = postgresStore({ database: databases[client]?.() as PostgresDatabase })
      const { visitor, visit, events } = visitorOf(store)
      const acknowledged = new Map<string, number | null>()
      expect(await visit('/visit')).toBe('1')
      for (let round = 1; round <= ROUNDS; round++) {
        const before = acknowledged.size
        const writing = Array.from({ length: WRITERS }, () => writeOn(store, acknowledged))
        while (acknowledged.size < before + 100 * round) await setTimeout(1)
        await server.end('SIGKILL')
        const pending = await Promise.all(writing)

        // Nobody is met as a new visitor, and nobody waits for longer than the limit.
        const cookies = visitor.cookies
        events.length = 0
        for (const target of ['/', '/visit']) {
          const start = performance.now()
          await expect(visitor.get(target)).rejects.toMatchObject({ name: 'SessionError' })
          expect(performance.now() - start).toBeLessThan(2500)
        }
        expect(events.map(({ type }) => type)).toEqual(['store-failure', 'store-failure'])
        expect(visitor.cookies).toEqual(cookies)

        await server.start()
        await untilBack(store)
        expect(await visit('/visit')).toBe(`${round + 1}`)
        for (const [id, version] of acknowledged) {
          const found = (await store.read(id))?.version ?? null
          const last = pending.find((one) => one.id === id)
          // What was under way may have happened or not.
          expect(last ? [version, last.version] : [version], id).toContain(found)
          acknowledged.set(id, found)
        }
      }
      expect(acknowledged.size).toBeGreaterThan(ROUNDS * 100)
    },
  )

  it('breaks connections that nobody used, which a pool of pg tells whoever listens', () => {
    expect(broken.length).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasPostgres)('a table that somebody else keeps locked', () => {
  it('fails the request with a SessionError within the time limit, and is in order afterwards', async () => {
    const database = poolOf()
    const { visitor, visit, events } = visitorOf(postgresStore({ database }))
    expect(await visit('/visit')).toBe('1')
    const other = await database.connect()
    await other.query('BEGIN; LOCK TABLE sojourn_sessions')
    const cookies = visitor.cookies
    events.length = 0
    await expect(visitor.get('/visit')).rejects.toMatchObject({ code: 'ERR_SESSION_TIMEOUT' })
    expect(events).toMatchObject([{ type: 'store-failure', operation: 'read' }])
    expect(visitor.cookies).toEqual(cookies)
    await other.query('ROLLBACK')
    other.release()
    expect(await visit('/visit')).toBe('2')
  })
})

describe.skipIf(!hasPostgres)('a database that one may only read', () => {
  it('answers reads, and fails what would write', async () => {
    const database = poolOf()
    const store = postgresStore({ database })
    const record = sample(Date.now())
    await store.create(record, Date.now() + DAY)
    const url = `${server.url()}?options=-c%20default_transaction_read_only=on`
    const reading = new pg.Pool({ connectionString: url })
    const replica = postgresStore({ database: things.keep(reading, (one) => one.end()) })
    expect(await replica.read(record.id)).toEqual(record)
    for (const write of [
      () => replica.touch(record.id, 0, 0),
      () => replica.update({ ...record, version: 2 }, Date.now() + DAY),
      () => replica.create(sample(Date.now()), Date.now() + DAY),
      () => replica.delete(record.id),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: '25006' })
    }
  })
})
