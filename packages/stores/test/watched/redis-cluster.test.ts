import { redisNotifications } from '@sojourn/stores/watched'
import { Cluster as Cluster5 } from 'ioredis'
import { Cluster as Cluster6 } from 'ioredis-6'
import { createClient, createCluster } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RedisCluster, redisCluster } from '../kit/redis-cluster.ts'
import { hasRedis } from '../kit/redis-server.ts'
import { type Cluster, cluster, type Member, untilHeard, watching } from './processes.ts'

let servers: RedisCluster
let joined: Cluster
beforeAll(async () => {
  if (hasRedis) servers = await redisCluster()
})
afterEach(() => joined?.close())
afterAll(() => servers?.clear())

const ioredis = (Client: typeof Cluster5) => (): Member => {
  const places = servers.servers.map(({ port }) => ({ host: '127.0.0.1', port }))
  const [publisher, subscriber] = [new Client(places), new Client(places)]
  return {
    notifications: redisNotifications({ publisher, subscriber }),
    close() {
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}

// Each listens at another server: the cluster passes messages on.
let turn = 0

const members: Readonly<Record<string, () => Member | Promise<Member>>> = {
  async 'node-redis 6, which listens at one of them'() {
    const rootNodes = servers.servers.map(({ url }) => ({ url }))
    const { url = '' } = rootNodes[turn++ % rootNodes.length] ?? {}
    const publisher = createCluster({ rootNodes })
    await publisher.connect()
    const subscriber = await createClient({ url }).connect()
    return {
      notifications: redisNotifications({ publisher, subscriber }),
      close() {
        publisher.destroy()
        subscriber.destroy()
      },
    }
  },
  'ioredis 5': ioredis(Cluster5),
  'ioredis 6': ioredis(Cluster6 as unknown as typeof Cluster5),
}

describe.skipIf(!hasRedis).each(Object.entries(members))(
  'through a cluster of three, with %s',
  (_, open) => {
    it('who watches in another process is told of a session that was revoked here', async () => {
      joined = cluster(open)
      const [here, there, third] = [await joined.join(), await joined.join(), await joined.join()]
      for (const { store } of [there, third]) await untilHeard(joined, here.store, store)
      const ids = await Promise.all(Array.from({ length: 20 }, () => joined.record()))
      const watches = [there, third].flatMap(({ store }) => ids.map((id) => watching(store, id)))
      for (const id of ids) await here.store.delete(id)
      const told = await Promise.all(watches.map(({ told }) => told))
      expect(told).toEqual(watches.map(() => 'revoked'))
      expect([here, there, third].flatMap(({ errors }) => errors)).toEqual([])
    })
  },
)
