import { once } from 'node:events'
import { createSessions } from '@sojourn/core'
import { browser } from '@sojourn/core/testing'
import { unstorageStore } from '@sojourn/stores/unstorage'
import type { Redis } from 'ioredis'
import { createStorage } from 'unstorage'
import redis from 'unstorage/drivers/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'
import { contractTests } from './contract.ts'
import { processTests } from './processes.ts'
import { shelf } from './storages.ts'

describe.skipIf(!hasRedis)('the unstorage store on redis', () => {
  const left = shelf()
  let server: RedisServer
  beforeAll(async () => {
    server = await redisServer()
  })
  afterAll(async () => {
    await left.clear()
    await server.clear()
  })

  const driver = redis as (options: object) => ReturnType<typeof redis>
  let last = 0
  const open = (where = server.url) => left.keep(createStorage({ driver: driver({ url: where }) }))

  contractTests('redis', () => ({ storage: open(), prefix: `test-${++last}` }))

  it('has Redis remove every key, and none before its session has ended', async () => {
    const connection = driver({ url: `${server.url}/1` })
    const storage = left.keep(createStorage({ driver: connection }))
    const client = connection.getInstance?.() as Redis
    // Far from the server’s own, which is not to matter.
    let now = Date.now() - 3_000_000_000_000
    const store = unstorageStore({ storage, clock: () => now })
    const [kept, ended] = [sample(now, { subject: 'ada' }), sample(now)]
    for (const record of [kept, ended]) await store.create(record, now + 60_000)
    now += 30_000
    await store.touch(kept.id, now, now + 3_600_000)
    const signedIn = { ...kept, version: 2, generation: 1 }
    await store.update(signedIn, now + 7_200_000)
    await store.delete(ended.id)
    const keys = await client.keys('*')
    expect(keys.map((key) => key.split(':')[1]).sort()).toEqual([
      'ended',
      'record',
      'replaced',
      'subject',
      'touch',
    ])
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(7200)
    expect(await store.read(kept.id)).toEqual(signedIn)
  })

  it('fails requests within the time limit while Redis is away, begins no session instead, and goes on when it is back', async () => {
    const own = await redisServer('--appendonly', 'yes', '--appendfsync', 'always')
    const connection = driver({ url: own.url })
    const storage = left.keep(createStorage({ driver: connection }))
    const client = connection.getInstance?.() as Redis
    // It would go to the console otherwise.
    client.on('error', () => {})
    const sessions = createSessions<{ visits: number }>({
      store: unstorageStore({ storage }),
      secret: 'x'.repeat(32),
      storeTimeout: 1,
    })
    const visitor = browser(
      sessions.wrap(async (_, open) => {
        const session = await open()
        return new Response(`${session.update('visits', (n = 0) => n + 1)}`)
      }),
    )
    const visits = async () => {
      await visitor.get('/')
      return (
        await sessions.open(new Request('https://app.test/', { headers: { cookie: cookie() } }))
      ).get('visits')
    }
    const cookie = () => visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    expect(await visits()).toBe(1)
    const before = cookie()
    await own.end('SIGKILL')
    for (let request = 0; request < 2; request++) {
      await expect(visitor.get('/')).rejects.toMatchObject({ name: 'SessionError' })
    }
    await own.start()
    if (client.status !== 'ready') await once(client, 'ready')
    expect(await visits()).toBe(2)
    expect(cookie()).toBe(before)
    client.disconnect()
    await own.clear()
  })

  processTests('redis', async () => {
    const where = `${server.url}/${(++last % 14) + 2}`
    return { storage: open(where), where }
  })
})
