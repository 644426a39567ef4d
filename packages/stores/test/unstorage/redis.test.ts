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

  processTests('redis', async () => {
    const where = `${server.url}/${(++last % 14) + 2}`
    return { storage: open(where), where }
  })
})
