import { type RedisClient, redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'
import type { Connected } from './clients.ts'

const MINUTE = 60_000
const DAY = 86_400_000

async function nodeRedis(url: string, settings: object): Promise<Connected> {
  const client = await createClient({ url, ...settings }).connect()
  return { client: client as unknown as RedisClient, close: () => client.destroy() }
}

function ioredis(url: string, settings: object): Connected {
  const client = new Redis(url, settings)
  return { client, close: () => client.disconnect() }
}

const mapping = (typeMapping: object) => ({ commandOptions: { typeMapping } })

const clients: Readonly<Record<string, (url: string) => Connected | Promise<Connected>>> = {
  'ioredis that gives numbers as text': (url) => ioredis(url, { stringNumbers: true }),
  'ioredis that sends many at once': (url) => ioredis(url, { enableAutoPipelining: true }),
  'node-redis that gives texts as bytes': (url) =>
    nodeRedis(url, mapping({ [RESP_TYPES.BLOB_STRING]: Buffer })),
  'node-redis that gives numbers as text': (url) =>
    nodeRedis(url, mapping({ [RESP_TYPES.NUMBER]: String })),
}

describe.skipIf(!hasRedis).each(Object.entries(clients))('%s', (_, connect) => {
  let server: RedisServer
  let connected: Connected
  beforeAll(async () => {
    server = await redisServer()
    connected = await connect(server.url)
  })
  afterAll(async () => {
    connected?.close()
    await server?.clear()
  })

  it('is understood by every verb of the Redis store', async () => {
    const store = redisStore({ client: connected.client })
    const now = Date.now()
    const record = sample(now)
    const next = { ...record, version: 2, subject: 'ada' }
    expect(await store.create(record, now + MINUTE)).toBe(true)
    expect(await store.create(record, now + MINUTE)).toBe(false)
    expect(await store.update(next, now + MINUTE)).toBe('updated')
    expect(await store.update(next, now + MINUTE)).toBe('stale')
    expect(await store.touch(record.id, now, now + 5 * DAY)).toBe(true)
    expect(await store.read(record.id)).toEqual(next)
    expect((await store.list('ada')).records).toEqual([next])
    expect(await store.delete(record.id)).toBe(true)
    const other = await createClient({ url: server.url }).connect()
    expect(await other.dbSize()).toBe(0)
    other.destroy()
    expect(await store.touch(record.id, now, now + 5 * DAY)).toBe(false)
    expect(await store.update({ ...next, version: 3 }, now + MINUTE)).toBe('missing')
    expect(await store.delete(record.id)).toBe(false)
  })
})
