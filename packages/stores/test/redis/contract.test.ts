import { randomBytes } from 'node:crypto'
import { storeContract } from '@sojourn/core/testing'
import { redisStore } from '@sojourn/stores/redis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'
import { type Connected, clients } from './clients.ts'

describe.skipIf(!hasRedis)('on a real server', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await redisServer()
  })
  afterAll(() => server?.clear())

  describe.each(Object.entries(clients))(
    'the Redis store keeps the contract: %s:',
    (_, connect) => {
      let connected: Connected
      beforeAll(async () => {
        connected = await connect(server.url)
      })
      afterAll(() => connected?.close())
      const cases = storeContract(
        ({ clock }) => {
          const prefix = `${randomBytes(6).toString('hex')}:`
          return redisStore({ client: connected.client, prefix, clock })
        },
        { list: true },
      )
      it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
    },
  )
})
