import { setTimeout } from 'node:timers/promises'
import { createSessions, SessionError } from '@sojourn/core'
import { type RedisClient, redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, describe, expect, it } from 'vitest'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'

interface Connected {
  readonly client: RedisClient
  close(): unknown
}

// As the README says: what cannot be asked now is not asked later.
const clients: Readonly<Record<string, (server: RedisServer) => Promise<Connected>>> = {
  async 'node-redis'({ url }) {
    const socket = { reconnectStrategy: 20 }
    const client = createClient({ url, disableOfflineQueue: true, socket })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis({ port }) {
    const retryStrategy = (): number => 20
    const client = new Redis({ port, host: '127.0.0.1', enableOfflineQueue: false, retryStrategy })
    client.on('error', () => {})
    await new Promise((resolve) => client.once('ready', resolve))
    return { client, close: () => client.disconnect() }
  },
}

const VISITORS = 8
const ROUNDS = 3

describe.skipIf(!hasRedis).each(['always', 'everysec'])(
  'a server that is killed and started again, with appendfsync %s',
  (appendfsync) => {
    let clear = async (): Promise<void> => {}
    afterEach(() => clear())

    it.each(Object.entries(clients))(
      'keeps all that was acknowledged, and meanwhile every request fails in time, without a session: %s',
      async (_, connect) => {
        const server = await redisServer('--appendonly', 'yes', '--appendfsync', appendfsync)
        const { client, close } = await connect(server)
        clear = async () => {
          close()
          await server.clear()
        }
        const sessions = createSessions<{ count: number }>({
          store: redisStore({ client }),
          secret: 's'.repeat(32),
          storeTimeout: 1,
        })
        const open = (cookie = '') =>
          sessions.open(new Request('https://app.test/', { headers: { cookie } }))
        let failures = 0
        let running = true

        /** What a visitor was told, and what may be true beside it. */
        interface Told {
          cookie: string
          count: number
          unsure: number
        }
        async function request(told: Told): Promise<void> {
          const start = performance.now()
          try {
            const session = await open(told.cookie)
            expect(session.id).not.toBeNull()
            const count = session.get('count') ?? 0
            expect(count).toBeGreaterThanOrEqual(told.count)
            expect(count).toBeLessThanOrEqual(told.count + told.unsure)
            told.count = count
            told.unsure = 0
            session.update('count', (count = 0) => count + 1)
            told.unsure = 1
            const response = await sessions.commit(session, new Response())
            expect(response.headers.has('set-cookie')).toBe(false)
            told.count++
            told.unsure = 0
          } catch (error) {
            if (!(error instanceof SessionError)) throw error
            failures++
            expect(error.code).toBe('ERR_SESSION_STORE')
            expect(error.cause).toBeInstanceOf(Error)
            expect(performance.now() - start).toBeLessThan(2500)
            await setTimeout(5)
          }
        }
        async function visit(): Promise<Told> {
          const first = await open()
          first.set('count', 0)
          const response = await sessions.commit(first, new Response())
          const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
          const told: Told = { cookie, count: 0, unsure: 0 }
          while (running) await request(told)
          return told
        }

        const visitors = Array.from({ length: VISITORS }, visit)
        const all = Promise.all(visitors)
        // A visitor that sees a lie ends the test at once, not after the rounds.
        const rounds = (async () => {
          for (let round = 0; round < ROUNDS; round++) {
            await setTimeout(150)
            await server.end('SIGKILL')
            const before = failures
            while (failures < before + VISITORS) await setTimeout(5)
            await server.start()
          }
          running = false
        })()
        await Promise.race([rounds, all])
        await rounds
        const told = await all
        for (const one of told) {
          while (one.unsure) await request(one)
          await request(one)
          expect((await open(one.cookie)).get('count')).toBe(one.count)
          expect(one.count).toBeGreaterThan(ROUNDS)
        }
        expect(failures).toBeGreaterThanOrEqual(ROUNDS * VISITORS)
      },
    )
  },
)
