import { type RedisClient, type RedisStoreOptions, redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { createClient, createClientPool } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'

describe('redisStore', () => {
  it.each([
    [undefined, 'undefined'],
    ['redis://localhost', '"redis://localhost"'],
    [{}, 'object'],
  ])('refuses a client that is none: %j', (client, got) => {
    expect(() => redisStore({ client } as unknown as RedisStoreOptions)).toThrow(
      new TypeError(`"client" must be a client of node-redis or ioredis, got ${got}`),
    )
  })

  it('refuses a cluster that reads from replicas', () => {
    const client = { call: async () => null, options: { scaleReads: 'slave' } }
    expect(() => redisStore({ client })).toThrow(
      /"client" must read from masters, got scaleReads: slave/,
    )
  })

  it('refuses a prefix that is no text', () => {
    const options = { client: { call: async () => null }, prefix: 1 }
    expect(() => redisStore(options as unknown as RedisStoreOptions)).toThrow(
      /"prefix" must be a string/,
    )
  })

  it.each([
    ['a sentinel', { getSentinelNode() {} }, 0],
    ['a cluster', { masters: [] }, 1],
  ])('asks %s for masters only', async (_, members, at) => {
    const asked: unknown[] = []
    const client = {
      ...members,
      async sendCommand(...args: unknown[]) {
        asked.push(args[at])
        return null
      },
    }
    const store = redisStore({ client: client as unknown as RedisClient })
    await store.read('a')
    await store.touch('a', 1, 2)
    expect(asked).toEqual([false, false])
  })

  it('asks once what fails, unless the server lacks the script', async () => {
    let asked = 0
    const client = {
      async sendCommand() {
        asked++
        throw new Error('away')
      },
    }
    await expect(async () => redisStore({ client }).delete('a')).rejects.toThrow('away')
    expect(asked).toBe(1)
  })

  it('asks its client nothing before it is asked itself', () => {
    const client = {
      sendCommand() {
        throw new Error('asked')
      },
    }
    expect(redisStore({ client }).consistency).toBe('strong')
  })
})

describe.skipIf(!hasRedis)('on a real server, the Redis store', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await redisServer()
  })
  afterAll(() => server?.clear())
  const until = (): number => Date.now() + 60_000

  it('keeps its keys under its prefix, and under that of an ioredis client before it', async () => {
    const client = new Redis(server.url, { keyPrefix: 'app:' })
    const plain = new Redis(server.url)
    try {
      const store = redisStore({ client, prefix: 's:' })
      const record = sample(Date.now(), { subject: 'ada' })
      await store.create(record, until())
      expect(await store.read(record.id)).toEqual(record)
      expect((await store.list('ada')).records).toEqual([record])
      expect((await plain.keys('*')).sort()).toEqual([
        `app:s:session:${record.id}`,
        'app:s:subject:ada',
      ])
      await store.delete(record.id)
      expect(await plain.keys('*')).toEqual([])
    } finally {
      client.disconnect()
      plain.disconnect()
    }
  })

  it('works through a pool of node-redis', async () => {
    const client = createClientPool({ url: server.url })
    await client.connect()
    try {
      const store = redisStore({ client })
      const record = sample(Date.now())
      await store.create(record, until())
      expect(await store.update({ ...record, version: 2 }, until())).toBe('updated')
      expect((await store.read(record.id))?.version).toBe(2)
    } finally {
      client.destroy()
    }
  })

  it('keeps data that looks like its own punctuation', async () => {
    const client = await createClient({ url: server.url }).connect()
    try {
      const store = redisStore({ client })
      const subject = 'a\nb\u0000"\u2028{tag}'
      const record = sample(Date.now(), { subject, data: { '\n': '\n\u0000\ud800', null: null } })
      await store.create(record, until())
      await store.touch(record.id, record.lastSeenAt + 1, until())
      expect(await store.read(record.id)).toEqual({ ...record, lastSeenAt: record.lastSeenAt + 1 })
      expect((await store.list(subject)).records).toHaveLength(1)
    } finally {
      client.destroy()
    }
  })

  it('tells apart ids and subjects that UTF-8 cannot, and those that look like what they are kept as', async () => {
    const client = await createClient({ url: server.url }).connect()
    try {
      const store = redisStore({ client, prefix: 'odd:' })
      const texts = ['\ud800', '\udbff', '\ufffd', JSON.stringify('\ud800'), '"', '""']
      for (const text of texts) {
        const record = sample(Date.now(), { id: text, subject: text })
        expect(await store.create(record, until())).toBe(true)
      }
      for (const text of texts) {
        expect((await store.read(text))?.id).toBe(text)
        expect((await store.list(text)).records.map(({ id }) => id)).toEqual([text])
      }
      expect(await client.keys('odd:*')).toHaveLength(2 * texts.length)
    } finally {
      client.destroy()
    }
  })

  it('lists 3000 sessions of one subject page by page, each of them once, while others go and are touched', async () => {
    const client = await createClient({ url: server.url }).connect()
    try {
      let now = Date.now()
      const store = redisStore({ client, prefix: 'pages:', clock: () => now })
      const records = Array.from({ length: 3000 }, () => sample(now, { subject: 'ada' }))
      // Many that run out at the same instant, and many that do not.
      const ends = records.map((_, at) => now + 60_000 + (at % 2 ? 0 : at))
      await Promise.all(records.map((record, at) => store.create(record, ends[at] ?? 0)))
      const seen: string[] = []
      let after: string | null = null
      let turn = 0
      do {
        const page = await store.list('ada', { after, limit: 90 })
        seen.push(...page.records.map(({ id }) => id))
        after = page.after
        const [gone, touched] = [records[turn * 7], records[turn * 7 + 3]]
        now += 10
        if (gone) await store.delete(gone.id)
        if (touched) await store.touch(touched.id, now, now + 60_000)
        turn++
      } while (after !== null)
      expect(new Set(seen).size).toBe(seen.length)
      const live = records.filter((_, at) => at % 7 || at / 7 >= turn)
      const missed = live.filter(({ id }) => !seen.includes(id))
      expect(missed).toEqual([])
    } finally {
      client.destroy()
    }
  })
})
