import { setTimeout } from 'node:timers/promises'
import { type RedisClient, type RedisStore, redisStore } from '@sojourn/stores/redis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe.skipIf(!hasRedis)('the subject index of the Redis store', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  let now = 0
  const clock = (): number => now
  beforeAll(async () => {
    server = await redisServer()
    client = createClient({ url: server.url })
    await client.connect()
  })
  beforeEach(async () => {
    now = Date.now()
    await client.flushAll()
  })
  afterAll(async () => {
    client?.destroy()
    await server?.clear()
  })

  /** A store that lets something else happen after the first answer that is a text. */
  function interrupted(go: () => unknown): RedisStore {
    let done = false
    const slow: RedisClient = {
      async sendCommand(args: string[]) {
        const answer = await client.sendCommand(args)
        if (!done && typeof answer === 'string') {
          done = true
          await go()
        }
        return answer
      },
    }
    return redisStore({ client: slow, clock })
  }

  it('has a session that another user signs in to while a touch is under way', async () => {
    const store = redisStore({ client, clock })
    const record = sample(now, { subject: 'ada' })
    await store.create(record, now + HOUR)
    const touching = interrupted(() =>
      store.update({ ...record, version: 2, subject: 'bob' }, now + HOUR),
    )
    expect(await touching.touch(record.id, now, now + 5 * DAY)).toBe(true)
    now += 5 * DAY - 1
    expect((await store.read(record.id))?.subject).toBe('bob')
    expect((await store.list('bob')).records).toHaveLength(1)
    expect((await store.list('ada')).records).toHaveLength(0)
  })

  it('has a session that is promised for long while a touch that promises less is under way', async () => {
    const store = redisStore({ client, clock })
    const record = sample(now, { subject: 'ada' })
    await store.create(record, now + HOUR)
    const touching = interrupted(() => store.touch(record.id, now, now + 9 * DAY))
    expect(await touching.touch(record.id, now, now + 3 * DAY)).toBe(true)
    now += 9 * DAY - 1
    expect(await store.read(record.id)).not.toBeNull()
    expect((await store.list('ada')).records).toHaveLength(1)
  })

  it('comes first: what it cannot promise is not written', async () => {
    const store = redisStore({ client, clock })
    const anonymous = sample(now)
    const ada = sample(now, { subject: 'ada' })
    await store.create(anonymous, now + HOUR)
    await store.create(ada, now + HOUR)
    const lame = redisStore({
      client: {
        sendCommand: async (args: string[]) => {
          await setTimeout(5)
          if (args.some((part) => part.includes(':subject:'))) throw new Error('away')
          return client.sendCommand(args)
        },
      },
      clock,
    })
    const third = sample(now, { subject: 'ada' })
    const verbs = {
      create: () => lame.create(third, now + HOUR),
      update: () => lame.update({ ...anonymous, version: 2, subject: 'ada' }, now + HOUR),
      touch: () => lame.touch(ada.id, now + 1, now + 5 * DAY),
    }
    for (const [verb, go] of Object.entries(verbs)) {
      await expect(async () => go(), verb).rejects.toThrow('away')
    }
    expect(await store.read(third.id)).toBeNull()
    expect(await store.read(anonymous.id)).toEqual(anonymous)
    expect(await store.read(ada.id)).toEqual(ada)
  })

  it('has a session in use whose users’ other processes have clocks nearly a day ahead', async () => {
    const here = redisStore({ client, clock })
    const ahead = redisStore({ client, clock: () => now + DAY - MINUTE })
    const record = sample(now, { subject: 'ada' })
    await here.create(record, now + HOUR)
    for (let turn = 0; turn < 300; turn++) {
      now += 10 * MINUTE
      expect(await here.touch(record.id, now, now + HOUR)).toBe(true)
      await ahead.list('ada')
      expect((await here.list('ada')).records).toHaveLength(1)
    }
    now += HOUR - 1
    await ahead.list('ada')
    expect((await here.list('ada')).records).toHaveLength(1)
  })
  // Redis before 7.2 takes the locale of its environment, and with it how its scripts compare texts.
  it('loses and repeats none of many that run out at once while the last of each page goes', async () => {
    const store = redisStore({ client, clock })
    const records = Array.from({ length: 300 }, () => sample(now, { subject: 'ada' }))
    await Promise.all(records.map((record) => store.create(record, now + HOUR)))
    const seen: string[] = []
    let after: string | null = null
    do {
      const page = await store.list('ada', { after, limit: 7 })
      seen.push(...page.records.map(({ id }) => id))
      await store.delete(seen.at(-1) ?? '')
      after = page.after
    } while (after !== null)
    expect(seen.sort()).toEqual(records.map(({ id }) => id).sort())
  })

  it('needs few questions to pass over many that have expired', async () => {
    let questions = 0
    const counting: RedisClient = {
      sendCommand(args: string[]) {
        if (args[0] !== 'GET') questions++
        return client.sendCommand(args)
      },
    }
    const store = redisStore({ client: counting, clock })
    const add = (count: number, end: number) =>
      Promise.all(
        Array.from({ length: count }, () => store.create(sample(now, { subject: 'ada' }), end)),
      )
    await add(3000, now + MINUTE)
    await add(3, now + HOUR)
    now += MINUTE
    questions = 0
    const { records, after } = await store.list('ada', { limit: 1 })
    expect(records).toHaveLength(1)
    const rest = await store.list('ada', { after, limit: 2 })
    expect(rest.records).toHaveLength(2)
    expect(rest.after).toBeNull()
    expect(questions).toBeLessThan(20)
    expect(await store.list('ada', { limit: 0 })).toEqual({ records: [], after: null })
  })
})
