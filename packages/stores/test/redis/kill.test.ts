import { setTimeout } from 'node:timers/promises'
import { createSessions, SessionError } from '@sojourn/core'
import { type RedisClient, redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, describe, expect, it } from 'vitest'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'
import type { Connected } from './clients.ts'

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

/** Redis writes to its file before it answers; with `everysec` it puts that off while the disk is busy, for two seconds at most. */
const settings = {
  always: { rounds: 3, load: 150, lost: 0 },
  everysec: { rounds: 1, load: 2500, lost: 2000 },
} as const

/** Counts visits of one session, and remembers what it was told. */
class Visitor {
  readonly #open: (cookie: string) => ReturnType<Sessions['open']>
  readonly #sessions: Sessions
  #cookie = ''
  #unsure = 0
  #told: { at: number; count: number }[] = []
  failures = 0

  constructor(sessions: Sessions) {
    this.#sessions = sessions
    this.#open = (cookie) =>
      sessions.open(new Request('https://app.test/', { headers: { cookie } }))
  }

  get count(): number {
    return this.#told.at(-1)?.count ?? 0
  }

  async begin(): Promise<void> {
    const session = await this.#open('')
    session.set('count', 0)
    const response = await this.#sessions.commit(session, new Response())
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    this.#told = [{ at: Date.now(), count: 0 }]
  }

  /** One request more; `false` if it failed, as it may. What was told before `since` must be there. */
  async request(since: number): Promise<boolean> {
    const start = performance.now()
    try {
      const session = await this.#open(this.#cookie)
      expect(session.id).not.toBeNull()
      const count = session.get('count') ?? -1
      const least = this.#told.findLast(({ at }) => at <= since)?.count ?? 0
      expect(count).toBeGreaterThanOrEqual(least)
      expect(count).toBeLessThanOrEqual(this.count + this.#unsure)
      session.update('count', (count = 0) => count + 1)
      this.#unsure = 1
      const response = await this.#sessions.commit(session, new Response())
      expect(response.headers.has('set-cookie')).toBe(false)
      this.#unsure = 0
      this.#told.push({ at: Date.now(), count: count + 1 })
      return true
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      expect(error.code).toBe('ERR_SESSION_STORE')
      expect(error.cause).toBeInstanceOf(Error)
      // Two calls of the store, each with its limit, on a busy machine.
      expect(performance.now() - start).toBeLessThan(4000)
      this.failures++
      return false
    }
  }
}

type Sessions = ReturnType<typeof sessionsIn>

function sessionsIn(client: RedisClient) {
  const store = redisStore({ client })
  return createSessions<{ count: number }>({ store, secret: 's'.repeat(32), storeTimeout: 1 })
}

describe.skipIf(!hasRedis).each(Object.entries(settings))(
  'a server that is killed and started again, with appendfsync %s',
  (appendfsync, { rounds, load, lost }) => {
    let clear = async (): Promise<void> => {}
    afterEach(() => clear())

    it.each(Object.entries(clients))(
      `keeps what was acknowledged ${lost} ms before, and meanwhile every request fails in time, without a session: %s`,
      async (_, connect) => {
        const server = await redisServer('--appendonly', 'yes', '--appendfsync', appendfsync)
        const { client, close } = await connect(server)
        clear = async () => {
          close()
          await server.clear()
        }
        const sessions = sessionsIn(client)
        const visitors = Array.from({ length: VISITORS }, () => new Visitor(sessions))
        for (const visitor of visitors) await visitor.begin()

        for (let round = 0; round < rounds; round++) {
          let killedAt = Number.POSITIVE_INFINITY
          let running = true
          const failures = visitors.map((visitor) => visitor.failures)
          const work = Promise.all(
            visitors.map(async (visitor) => {
              while (running) if (!(await visitor.request(killedAt - lost))) await setTimeout(5)
            }),
          )
          const kill = async (): Promise<void> => {
            await setTimeout(load)
            killedAt = Date.now()
            await server.end('SIGKILL')
            const allFailed = (): boolean =>
              visitors.every((visitor, index) => visitor.failures > (failures[index] ?? 0))
            while (!allFailed()) await setTimeout(5)
            running = false
          }
          await Promise.all([kill(), work])
          await server.start()
          for (const visitor of visitors) {
            while (!(await visitor.request(killedAt - lost))) await setTimeout(5)
            expect(visitor.count).toBeGreaterThan(0)
          }
        }
      },
    )
  },
)
