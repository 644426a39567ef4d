import { setTimeout } from 'node:timers/promises'
import { createSessions } from '@sojourn/core'
import { redisStore } from '@sojourn/stores/redis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'

const HOUR = 3_600_000

describe.skipIf(!hasRedis)('the Redis store', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    server = await redisServer()
    client = createClient({ url: server.url })
    await client.connect()
  })
  beforeEach(async () => {
    await client.flushAll()
  })
  afterAll(async () => {
    client?.destroy()
    await server?.clear()
  })

  it('goes by its own clock, though less time passes there than at the server', async () => {
    let now = 1_000_000
    const store = redisStore({ client, clock: () => now })
    const [created, updated, touched] = [sample(now), sample(now), sample(now)]
    await store.create(created, now + 2)
    await store.create(updated, now + HOUR)
    await store.update({ ...updated, version: 2 }, now + 2)
    await store.create(touched, now + 1)
    await store.touch(touched.id, now, now + 2)
    now++
    await setTimeout(20)
    for (const { id } of [created, updated, touched]) {
      expect((await store.read(id))?.id).toBe(id)
    }
    now++
    for (const { id } of [created, updated, touched]) expect(await store.read(id)).toBeNull()
  })

  it('keeps sessions under the longest timeouts there are', async () => {
    const timeout = Number.MAX_SAFE_INTEGER
    const sessions = createSessions<{ count: number }>({
      store: redisStore({ client }),
      secret: 's'.repeat(32),
      idleTimeout: timeout,
      absoluteTimeout: timeout,
    })
    const open = (cookie = '') =>
      sessions.open(new Request('https://app.test/', { headers: { cookie } }))
    const first = await open()
    first.set('count', 1)
    first.signIn('ada', { method: 'password' })
    const response = await sessions.commit(first, new Response())
    const cookie = response.headers.get('set-cookie')?.split(';')[0]
    const session = await open(cookie)
    expect(session.get('count')).toBe(1)
    session.set('count', 2)
    await sessions.commit(session, new Response())
    expect((await open(cookie)).get('count')).toBe(2)
    expect(await sessions.list('ada')).toHaveLength(1)
  })

  it.each([-1, 0, 0.5])('takes a session that expired at %j as one that is not', async (at) => {
    const store = redisStore({ client })
    const record = sample(Date.now())
    expect(await store.create(record, at)).toBe(true)
    expect(await store.read(record.id)).toBeNull()
    expect(await store.touch(record.id, at, Date.now() + HOUR)).toBe(false)
    expect(await store.create(record, Date.now() + HOUR)).toBe(true)
  })

  it('writes nothing that expires at no instant', async () => {
    const store = redisStore({ client })
    await expect(async () => store.create(sample(0), Number.NaN)).rejects.toThrow(
      new RangeError('An instant must be a number, got NaN'),
    )
    expect(await client.dbSize()).toBe(0)
  })
})
