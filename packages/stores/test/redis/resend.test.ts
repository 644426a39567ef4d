import { createSessions } from '@sojourn/core'
import { redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { describe, expect, it } from 'vitest'
import { type DroppingProxy, droppingProxy } from '../kit/dropping-proxy.ts'
import { sample } from '../kit/records.ts'
import { hasRedis, redisServer } from '../kit/redis-server.ts'

const clients = {
  'ioredis 5': (port: number) => new Redis({ port, host: '127.0.0.1', retryStrategy: () => 10 }),
  'ioredis 6': (port: number) => new Redis6({ port, host: '127.0.0.1', retryStrategy: () => 10 }),
}

describe.skipIf(!hasRedis).each(Object.entries(clients))(
  '%s asks again when an answer is lost',
  (_, connect) => {
    it('and a write that has happened counts once', async () => {
      const server = await redisServer()
      const proxy: DroppingProxy = await droppingProxy(server.port)
      const client = connect(proxy.port)
      try {
        client.on('error', () => {})
        const store = redisStore({ client })
        const sessions = createSessions<{ count: number }>({ store, secret: 's'.repeat(32) })
        const open = (cookie = '') =>
          sessions.open(new Request('https://app.test/', { headers: { cookie } }))

        // Once, so that the server knows the scripts, and the answer that is lost is that of a write.
        const other = await open()
        other.set('count', 0)
        await sessions.commit(other, new Response())
        proxy.dropNext()
        expect(await store.create(sample(Date.now()), Date.now() + 60_000)).toBe(true)

        const first = await open()
        first.set('count', 0)
        proxy.dropNext()
        const response = await sessions.commit(first, new Response())
        const cookie = response.headers.get('set-cookie')?.split(';')[0]
        for (let turn = 1; turn <= 20; turn++) {
          const session = await open(cookie)
          session.update('count', (count = 0) => count + 1)
          proxy.dropNext()
          await sessions.commit(session, new Response())
          expect((await open(cookie)).get('count')).toBe(turn)
        }
      } finally {
        client.disconnect()
        proxy.close()
        await server.clear()
      }
    })
  },
)
