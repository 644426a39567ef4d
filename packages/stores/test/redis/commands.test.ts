import { redisStore } from '@sojourn/stores/redis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'

const DAY = 86_400_000

type Counts = Record<string, number>

describe.skipIf(!hasRedis)('what the Redis store asks', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  let now = Date.now()
  const clock = (): number => now
  beforeAll(async () => {
    server = await redisServer()
    client = createClient({ url: server.url })
    await client.connect()
  })
  afterAll(async () => {
    client?.destroy()
    await server?.clear()
  })

  /** The commands that came from outside while something was done: those of scripts are counted by Redis too, and named here with a `+`. */
  async function asked(go: () => unknown): Promise<Counts> {
    await client.configResetStat()
    await go()
    const counts: Counts = {}
    for (const [, name = '', calls] of (await client.info('commandstats')).matchAll(
      /cmdstat_(\w+):calls=(\d+)/g,
    )) {
      if (!['info', 'config'].includes(name)) counts[name] = Number(calls)
    }
    return counts
  }

  const outside = ({ get = 0, evalsha = 0, eval: whole = 0, zrem = 0 }: Counts) =>
    evalsha || whole || zrem ? { scripts: evalsha, texts: whole, zrem } : { get }

  it('is one command for each verb of an anonymous session', async () => {
    const store = redisStore({ client, clock })
    const record = sample(now)
    const until = now + 60_000
    const scripts = { scripts: 1, texts: 0, zrem: 0 }
    // Once, so that the server knows the scripts.
    const other = sample(now)
    await store.create(other, until)
    await store.update({ ...other, version: 2 }, until)
    await store.touch(other.id, now, until)
    await store.delete(other.id)

    expect(outside(await asked(() => store.create(record, until)))).toEqual(scripts)
    expect(outside(await asked(() => store.read(record.id)))).toEqual({ get: 1 })
    const next = { ...record, version: 2 }
    expect(outside(await asked(() => store.update(next, until)))).toEqual(scripts)
    expect(outside(await asked(() => store.touch(record.id, now, until + 1)))).toEqual(scripts)
    expect(outside(await asked(() => store.delete(record.id)))).toEqual(scripts)
  })

  it('is one more where the index must promise a session or drop it: at sign-in two, at sign-out one, and once a day', async () => {
    const store = redisStore({ client, clock })
    const record = sample(now)
    const until = now + 60_000
    await store.create(record, until)
    await store.create(sample(now, { subject: 'bob' }), until)
    const signedIn = { ...record, version: 2, subject: 'ada' }
    expect(outside(await asked(() => store.update(signedIn, until)))).toMatchObject({ scripts: 3 })
    const changed = { ...signedIn, version: 3 }
    expect(outside(await asked(() => store.update(changed, until + 1)))).toMatchObject({
      scripts: 1,
    })
    const touch = () => store.touch(record.id, now, now + 60_000)
    now += 30_000
    expect(outside(await asked(touch))).toMatchObject({ scripts: 1 })
    await store.touch(record.id, now, now + 2 * DAY)
    now += DAY
    expect(outside(await asked(touch))).toMatchObject({ scripts: 1 })
    now += DAY - 1
    const longer = () => store.touch(record.id, now, now + 2 * DAY)
    expect(outside(await asked(longer))).toMatchObject({ scripts: 3 })
    const later = { ...signedIn, version: 4 }
    const update = async () => {
      expect(await store.update(later, now + 4 * DAY)).toBe('updated')
    }
    expect(outside(await asked(update))).toMatchObject({ scripts: 3 })
    expect(outside(await asked(() => store.delete(record.id)))).toEqual({
      scripts: 1,
      texts: 0,
      zrem: 1,
    })
  })

  it('tells Redis with each write when a session’s key goes: when it expires, or at most a minute later', async () => {
    const store = redisStore({ client, prefix: 'ttl:', clock: Date.now })
    const now = Date.now()
    const record = sample(now)
    const expectToGo = async (after: number) => {
      const left = (await client.pTTL(`ttl:session:${record.id}`)) + Date.now() - now
      expect(left).toBeGreaterThanOrEqual(after)
      expect(left).toBeLessThan(after + 62_000)
    }
    await store.create(record, now + 100_000)
    await expectToGo(100_000)
    await store.update({ ...record, version: 2 }, now + 900_000)
    await expectToGo(900_000)
    await store.update({ ...record, version: 3 }, now + 300_000)
    await expectToGo(300_000)
    await store.touch(record.id, now, now + 600_000)
    await expectToGo(600_000)
    await store.touch(record.id, now, now + 100_000)
    await expectToGo(600_000)
  })

  it('tells Redis when an index goes: after the last of its entries', async () => {
    const store = redisStore({ client, prefix: 'index:', clock: Date.now })
    const now = Date.now()
    for (const days of [2, 9, 4]) {
      await store.create(sample(now, { subject: 'ada' }), now + days * DAY)
    }
    const left = (await client.pTTL('index:subject:ada')) + Date.now() - now
    expect(left).toBeGreaterThanOrEqual(11 * DAY)
    expect(left).toBeLessThan(11 * DAY + 2000)
  })

  it('drops index entries that are two days old when it adds one and when it lists', async () => {
    const store = redisStore({ client, prefix: 'old:', clock })
    const add = () => store.create(sample(now, { subject: 'ada' }), now + 60_000)
    await add()
    await add()
    now += 60_000 + 2 * DAY - 1
    await store.list('ada')
    expect(await client.zCard('old:subject:ada')).toBe(2)
    now++
    await add()
    expect(await client.zCard('old:subject:ada')).toBe(1)
    now += 60_000 + 2 * DAY
    await store.list('ada')
    expect(await client.zCard('old:subject:ada')).toBe(0)
  })
})
