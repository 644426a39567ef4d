import { setTimeout } from 'node:timers/promises'
import { createSessions, SessionError } from '@sojourn/core'
import { redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { afterEach, describe, expect, it } from 'vitest'
import { sentinel } from '../kit/redis-sentinel.ts'
import { hasRedis } from '../kit/redis-server.ts'
import type { Connected } from './clients.ts'

const clearing: (() => unknown)[] = []
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear()
})

const connections: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async 'node-redis'(port) {
    const client = createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port }],
      nodeClientOptions: { disableOfflineQueue: true },
    })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis(port) {
    const client = new Redis({ name: 'main', sentinels: [{ host: '127.0.0.1', port }] })
    client.on('error', () => {})
    return { client, close: () => client.disconnect() }
  },
}

describe.skipIf(!hasRedis)('when a master dies and its replica takes over', () => {
  it.each(Object.entries(connections))(
    'requests fail or wait meanwhile, mint no session, and then find theirs: %s',
    async (_, connect) => {
      const { port, passedOn, kill, clear } = await sentinel()
      clearing.push(clear)
      const { client, close } = await connect(port)
      clearing.push(close)
      const store = redisStore({ client })
      const sessions = createSessions({ store, secret: 's'.repeat(32), storeTimeout: 1 })
      const open = (cookie = '') =>
        sessions.open(new Request('https://app.test/', { headers: { cookie } }))
      const first = await open()
      first.signIn('ada', { method: 'password' })
      const response = await sessions.commit(first, new Response())
      const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
      await passedOn()
      await kill()

      // A client may wait for the new master, and find it within the time limit.
      let session: Awaited<ReturnType<typeof open>> | null = null
      while (!session) {
        session = await open(cookie).catch((error) => {
          expect(error).toBeInstanceOf(SessionError)
          return setTimeout(50, null)
        })
      }
      expect(session.subject).toBe('ada')
      session.set('back', true)
      await sessions.commit(session, new Response())
      expect((await open(cookie)).get('back')).toBe(true)
      expect(await sessions.list('ada')).toHaveLength(1)
    },
  )
})
