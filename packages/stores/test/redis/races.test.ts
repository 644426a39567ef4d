import { redisStore } from '@sojourn/stores/redis'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { HAMMER_TIMEOUT, HAMMERED, hammer } from '../kit/hammer.ts'
import { hasRedis, redisServer } from '../kit/redis-server.ts'

describe.skipIf(!hasRedis)('four processes that hammer one session of one server', () => {
  it(
    HAMMERED,
    async () => {
      const server = await redisServer()
      const client = await createClient({ url: server.url }).connect()
      try {
        await hammer(redisStore({ client }), import.meta.resolve('./open-store.ts'), server.url)
        expect(await client.keys('*')).toEqual([])
      } finally {
        client.destroy()
        await server.clear()
      }
    },
    HAMMER_TIMEOUT,
  )
})
