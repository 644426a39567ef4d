import { redisNotifications } from '@sojourn/stores/watched'
import { Redis as Redis5 } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { createSentinel } from 'redis'
import { afterEach, describe, expect, it } from 'vitest'
import { sentinel } from '../kit/redis-sentinel.ts'
import { hasRedis } from '../kit/redis-server.ts'
import { cluster, type Member, untilHeard, watching } from './processes.ts'

const clearing: (() => unknown)[] = []
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear()
})

const ioredis =
  (Client: typeof Redis5) =>
  (port: number): Member => {
    const place = { name: 'main', sentinels: [{ host: '127.0.0.1', port }] }
    const [publisher, subscriber] = [new Client(place), new Client(place)]
    for (const client of [publisher, subscriber]) client.on('error', () => {})
    return {
      notifications: redisNotifications({ publisher, subscriber }),
      close() {
        publisher.disconnect()
        subscriber.disconnect()
      },
    }
  }

const members: Readonly<Record<string, (port: number) => Member | Promise<Member>>> = {
  async 'node-redis 6'(port) {
    const client = createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port }],
      nodeClientOptions: { disableOfflineQueue: true },
    })
    client.on('error', () => {})
    await client.connect()
    return {
      notifications: redisNotifications({ publisher: client, subscriber: client }),
      close: () => client.destroy(),
    }
  },
  'ioredis 5': ioredis(Redis5),
  'ioredis 6': ioredis(Redis6 as unknown as typeof Redis5),
}

describe.skipIf(!hasRedis)('through a sentinel', () => {
  it.each(Object.entries(members))(
    'who watches hears the others also from the replica that took over: %s',
    async (_, open) => {
      const { port, kill, clear } = await sentinel()
      clearing.push(clear)
      const joined = cluster(() => open(port))
      clearing.push(joined.close)
      const [here, there] = [await joined.join(), await joined.join()]
      await untilHeard(joined, here.store, there.store)
      const id = await joined.record()
      const { told } = watching(there.store, id)
      await kill()
      // Nobody is told, or is once the other has taken over.
      await here.store.delete(id)
      await untilHeard(joined, here.store, there.store)
      expect(['gone', 'revoked']).toContain(await told)
    },
  )
})
