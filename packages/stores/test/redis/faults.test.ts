import { inspect } from 'node:util'
import { createSessions, SessionError } from '@sojourn/core'
import { redisStore } from '@sojourn/stores/redis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'
import { clients } from './clients.ts'

describe.skipIf(!hasRedis)('a Redis server', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  const until = (): number => Date.now() + 60_000
  beforeAll(async () => {
    server = await redisServer('--maxmemory-policy', 'noeviction')
    client = createClient({ url: server.url, disableOfflineQueue: true })
    client.on('error', () => {})
    await client.connect()
  })
  afterAll(async () => {
    client?.destroy()
    await server?.clear()
  })

  it('that forgets its scripts in the middle of the work is told them again', async () => {
    const store = redisStore({ client })
    const record = sample(Date.now(), { data: { count: 0 } })
    await store.create(record, until())
    for (let version = 2; version < 100; version++) {
      const flushed = version % 3 ? null : client.scriptFlush()
      expect(await store.update({ ...record, version }, until())).toBe('updated')
      expect(await store.touch(record.id, Date.now(), until())).toBe(true)
      await flushed
    }
    expect(await store.delete(record.id)).toBe(true)
  })

  it('that has no memory left fails what would write, loses nothing, and takes it again when there is room', async () => {
    const store = redisStore({ client })
    const sessions = createSessions<{ count: number; text: string }>({
      store,
      secret: 's'.repeat(32),
    })
    const open = (cookie = '') =>
      sessions.open(new Request('https://app.test/', { headers: { cookie } }))
    const first = await open()
    first.set('count', 1)
    const response = await sessions.commit(first, new Response())
    const cookie = response.headers.get('set-cookie')?.split(';')[0]

    await client.configSet('maxmemory', '1mb')
    try {
      const session = await open(cookie)
      expect(session.get('count')).toBe(1)
      session.set('count', 2)
      const failed = await sessions.commit(session, new Response()).catch((error) => error)
      expect(failed).toBeInstanceOf(SessionError)
      expect(failed).toMatchObject({ code: 'ERR_SESSION_STORE' })
      expect(String(failed.cause)).toContain('OOM')
      expect((await open(cookie)).get('count')).toBe(1)
    } finally {
      await client.configSet('maxmemory', '0')
    }
    const session = await open(cookie)
    session.set('count', 3)
    await sessions.commit(session, new Response())
    expect((await open(cookie)).get('count')).toBe(3)
  })

  it.each(Object.entries(clients))(
    'whose refusals tell nothing of what was to be written: %s',
    async (_, connect) => {
      const connected = await connect(server.url)
      await client.configSet('maxmemory', '1mb')
      try {
        const store = redisStore({ client: connected.client })
        const record = sample(Date.now(), { data: { card: 'pa55word' } })
        const refused = await Promise.resolve(store.create(record, until())).catch((error) => error)
        expect(String(refused)).toContain('OOM')
        expect(inspect(refused, { depth: null, showHidden: true })).not.toContain('pa55word')
      } finally {
        await client.configSet('maxmemory', '0')
        connected.close()
      }
    },
  )

  it.each(['', 'junk', 'x'.repeat(200), `${'0'.repeat(98)}\nnull\n{}`])(
    'in which something else stands at a session’s key (%j) fails the store, and keeps it',
    async (value) => {
      const store = redisStore({ client, prefix: 'junk:' })
      const record = sample(Date.now())
      const key = `junk:session:${record.id}`
      await client.set(key, value)
      const verbs = {
        read: () => store.read(record.id),
        create: () => store.create(record, until()),
        update: () => store.update({ ...record, version: 2 }, until()),
        touch: () => store.touch(record.id, Date.now(), until()),
        delete: () => store.delete(record.id),
      }
      for (const [verb, ask] of Object.entries(verbs)) {
        await expect(ask(), verb).rejects.toThrow(/something else/)
      }
      expect(await client.get(key)).toBe(value)
      await client.del(key)
      await client.lPush(key, 'a')
      for (const [verb, ask] of Object.entries(verbs))
        await expect(ask(), verb).rejects.toThrow(/WRONGTYPE/)
      await client.del(key)
    },
  )

  it('that is a replica refuses to write, and the store says so', async () => {
    const replica = await redisServer('--replicaof', '127.0.0.1', String(server.port))
    const reader = await createClient({ url: replica.url }).connect()
    try {
      const store = redisStore({ client: reader })
      await expect(async () => store.create(sample(Date.now()), until())).rejects.toThrow(
        /READONLY/,
      )
    } finally {
      reader.destroy()
      await replica.clear()
    }
  })
})
