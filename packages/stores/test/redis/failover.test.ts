import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createSessions, SessionError } from '@sojourn/core'
import { redisStore } from '@sojourn/stores/redis'
import { Redis } from 'ioredis'
import { createClient, createSentinel } from 'redis'
import { afterEach, describe, expect, it } from 'vitest'
import { hasRedis, redisServer, startRedis } from '../kit/redis-server.ts'
import { freePort } from '../kit/services.ts'
import type { Connected } from './clients.ts'

const clearing: (() => unknown)[] = []
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear()
})

/** A master, a replica of it, and a sentinel that watches; the sentinel’s port and what kills the master. */
async function watched(): Promise<{
  port: number
  passedOn(): Promise<void>
  kill(): Promise<void>
}> {
  const master = await redisServer('--repl-diskless-sync-delay', '0')
  const replica = await redisServer('--replicaof', '127.0.0.1', String(master.port))
  clearing.push(master.clear, replica.clear)
  const follower = await createClient({ url: replica.url }).connect()
  while (!(await follower.info('replication')).includes('master_link_status:up'))
    await setTimeout(20)
  follower.destroy()

  const folder = mkdtempSync(join(tmpdir(), 'sojourn-sentinel-'))
  const port = await freePort()
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 300',
    'sentinel failover-timeout main 2000',
  ]
  const file = join(folder, 'sentinel.conf')
  writeFileSync(file, settings.join('\n'))
  const sentinel = await startRedis([file, '--sentinel'], '+monitor master')
  clearing.push(async () => {
    const exit = once(sentinel, 'exit')
    sentinel.kill('SIGKILL')
    await exit
    rmSync(folder, { recursive: true, force: true })
  })
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect()
  const replicas = async () => client.sendCommand(['SENTINEL', 'REPLICAS', 'main'])
  while (!((await replicas()) as unknown as unknown[]).length) await setTimeout(50)
  client.destroy()
  return {
    port,
    // Redis passes writes on after it has acknowledged them.
    async passedOn() {
      const asked = await createClient({ url: master.url }).connect()
      expect(await asked.wait(1, 5000)).toBe(1)
      asked.destroy()
    },
    kill: () => master.end('SIGKILL'),
  }
}

const connections: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async 'node-redis'(port) {
    const sentinel = createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host: '127.0.0.1', port }],
      nodeClientOptions: { disableOfflineQueue: true },
    })
    sentinel.on('error', () => {})
    await sentinel.connect()
    return { client: sentinel, close: () => sentinel.destroy() }
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
      const { port, passedOn, kill } = await watched()
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
