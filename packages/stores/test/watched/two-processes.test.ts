import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPostgres, postgresServer } from '../kit/postgres-server.ts'
import { type Running, run } from '../kit/processes.ts'
import { hasRedis, redisServer } from '../kit/redis-server.ts'
import type { Order, Report } from './watcher.process.ts'

const SESSIONS = 50

const servers = [
  {
    name: 'Redis',
    has: hasRedis,
    opener: import.meta.resolve('./open-redis.ts'),
    async serve() {
      const server = await redisServer()
      return { where: server.url, clear: () => server.clear() }
    },
  },
  {
    name: 'Postgres',
    has: hasPostgres,
    opener: import.meta.resolve('./open-postgres.ts'),
    async serve() {
      const server = await postgresServer('fsync=off')
      return { where: server.url(), clear: () => server.clear() }
    },
  },
]

/** A process of its own, asked one thing at a time. */
class Watcher {
  readonly #running: Running<Report>

  constructor(opener: string, where: string) {
    this.#running = run(import.meta.resolve('./watcher.process.ts'), opener, where)
  }

  async until<R extends Report['report']>(report: R): Promise<Report & { readonly report: R }> {
    const next = await this.#running.next()
    expect(next).toMatchObject({ report })
    return next as Report & { readonly report: R }
  }

  async create(): Promise<string> {
    this.#running.send({ order: 'create' } satisfies Order)
    return (await this.until('created')).id
  }

  async watch(id: string): Promise<void> {
    this.#running.send({ order: 'watch', id } satisfies Order)
    await this.until('watching')
  }

  async revoke(id: string): Promise<void> {
    this.#running.send({ order: 'revoke', id } satisfies Order)
    await this.until('revoked')
  }

  end(): Promise<void> {
    return this.#running.end()
  }
}

describe.each(servers)('two processes of the operating system, by $name', (server) => {
  describe.skipIf(!server.has)('which is there', () => {
    const watchers: Watcher[] = []
    let served: Awaited<ReturnType<typeof server.serve>>

    async function begin(): Promise<Watcher> {
      const watcher = new Watcher(server.opener, served.where)
      watchers.push(watcher)
      await watcher.until('ready')
      return watcher
    }

    beforeAll(async () => {
      served = await server.serve()
    })
    afterAll(async () => {
      for (const watcher of watchers) await watcher.end()
      await served?.clear()
    })

    it('the one that watches is told of each session that the other revokes, and of no other', async () => {
      const [here, there] = [await begin(), await begin()]
      // What is revoked before the subscription stands is found gone instead.
      for (let reason = ''; reason !== 'revoked'; ) {
        const id = await here.create()
        await there.watch(id)
        await here.revoke(id)
        reason = (await there.until('ended')).reason
        expect(['gone', 'revoked']).toContain(reason)
      }

      const ids: string[] = []
      for (let turn = 0; turn < SESSIONS; turn++) ids.push(await here.create())
      for (const id of ids) await there.watch(id)
      const revoked = ids.filter((_, index) => index % 2)
      for (const id of revoked) await here.revoke(id)
      const told: string[] = []
      while (told.length < revoked.length) {
        const { id, reason } = await there.until('ended')
        expect(reason).toBe('revoked')
        told.push(id)
      }
      // Messages that came by two connections may have overtaken each other.
      expect(told.sort()).toEqual(revoked.sort())
      // Whatever else it was told would come before the answer to this.
      await there.create()
    })
  })
})
