import { memoryStore } from '@sojourn/core'
import { redisNotifications, watched } from '@sojourn/stores/watched'
import { Redis as Redis5 } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'
import { type Cluster, cluster, type Member, untilHeard, watching } from './processes.ts'

type Watched = ReturnType<typeof watched<ReturnType<typeof memoryStore>>>

let server: RedisServer
let joined: Cluster
beforeAll(async () => {
  if (hasRedis) server = await redisServer()
})
afterEach(() => joined?.close())
afterAll(() => server?.clear())

const ioredis = (Client: typeof Redis5) => async (): Promise<Member> => {
  const publisher = new Client(server.url)
  const subscriber = publisher.duplicate()
  for (const client of [publisher, subscriber]) client.on('error', () => {})
  return {
    notifications: redisNotifications({ publisher, subscriber }),
    close() {
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}

const nodeRedis = (RESP: 2 | 3) => async (): Promise<Member> => {
  const publisher = createClient({ url: server.url, RESP, disableOfflineQueue: true })
  const subscriber = publisher.duplicate()
  for (const client of [publisher, subscriber]) await client.on('error', () => {}).connect()
  return {
    notifications: redisNotifications({ publisher, subscriber }),
    close() {
      publisher.destroy()
      subscriber.destroy()
    },
  }
}

const clients: Readonly<Record<string, () => Promise<Member>>> = {
  'node-redis 6, RESP3': nodeRedis(3),
  'node-redis 6, RESP2': nodeRedis(2),
  'ioredis 5': ioredis(Redis5),
  'ioredis 6': ioredis(Redis6 as unknown as typeof Redis5),
}

describe.skipIf(!hasRedis).each(Object.entries(clients))('through Redis, with %s', (_, open) => {
  it('who watches in another process is told of a session that was revoked here', async () => {
    joined = cluster(open)
    const [here, there, third] = [await joined.join(), await joined.join(), await joined.join()]
    await untilHeard(joined, here.store, there.store)
    const [id, other] = [await joined.record(), await joined.record()]
    const watches = [there, there, third, here].map(({ store }) => watching(store, id))
    const untouched = watching(there.store, other)
    await untilHeard(joined, here.store, third.store)
    await here.store.delete(id)
    expect(await Promise.all(watches.map(({ told }) => told))).toEqual(watches.map(() => 'revoked'))
    expect(untouched.reasons).toEqual([])
    expect([here.errors, there.errors]).toEqual([[], []])
  })

  it('who lost its connection finds what ended meanwhile, and hears again', async () => {
    joined = cluster(open)
    const [here, there] = [await joined.join(), await joined.join()]
    await untilHeard(joined, here.store, there.store)
    const id = await joined.record()
    const { told } = watching(there.store, id)
    await untilHeard(joined, here.store, there.store)
    await server.end()
    // Nobody is told, and the session has ended all the same.
    expect(await here.store.delete(id)).toBe(true)
    await server.start()
    expect(['gone', 'revoked']).toContain(await told)
    await untilHeard(joined, here.store, there.store)
  })

  it('stores that share a connection hear their own channel, and go on when another stops', async () => {
    const shared = memoryStore()
    const [near, far] = [await open(), await open()]
    const { notifications } = near
    const [a, same, b] = ['a', 'a', 'b'].map((channel) =>
      watched(shared, { notifications, channel, recheck: 3600 }),
    ) as [Watched, Watched, Watched]
    const teller = watched(shared, { notifications: far.notifications, channel: 'a' })
    joined = cluster(open, shared)
    try {
      for (const store of [a, same]) await untilHeard(joined, teller, store)
      const id = await joined.record()
      const watches = [a, same, b].map((store) => watching(store, id))
      await untilHeard(joined, teller, a)
      await teller.delete(id)
      expect([await watches[0]?.told, await watches[1]?.told]).toEqual(['revoked', 'revoked'])
      expect(watches[2]?.reasons).toEqual([])
      await same.unwatchAll()
      await untilHeard(joined, teller, a)
    } finally {
      for (const store of [a, same, b]) await store.unwatchAll()
      for (const member of [near, far]) await member.close()
    }
  })

  it('a delete is acknowledged though nobody can be told', async () => {
    joined = cluster(open)
    const here = await joined.join()
    const id = await joined.record()
    const watch = watching(here.store, id)
    await server.end()
    try {
      expect(await here.store.delete(id)).toBe(true)
      expect(watch.reasons).toEqual(['revoked'])
    } finally {
      await server.start()
    }
  })
})
