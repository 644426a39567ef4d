import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createClient } from 'redis'
import { expect } from 'vitest'
import { redisServer, startRedis } from './redis-server.ts'
import { freePort } from './services.ts'

/** A master, a replica of it, and a sentinel that watches them. */
export interface RedisSentinel {
  /** The sentinel's. */
  readonly port: number
  /** Waits until the replica has what the master acknowledged. */
  passedOn(): Promise<void>
  /** Kills the master. */
  kill(): Promise<void>
  clear(): Promise<void>
}

export async function sentinel(): Promise<RedisSentinel> {
  const master = await redisServer('--repl-diskless-sync-delay', '0')
  const replica = await redisServer('--replicaof', '127.0.0.1', String(master.port))
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
  const child = await startRedis([file, '--sentinel'], '+monitor master')
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect()
  const replicas = async () => client.sendCommand(['SENTINEL', 'REPLICAS', 'main'])
  while (!((await replicas()) as unknown as unknown[]).length) await setTimeout(50)
  client.destroy()
  return {
    port,
    async passedOn() {
      const asked = await createClient({ url: master.url }).connect()
      // Redis passes writes on after it has acknowledged them.
      expect(await asked.wait(1, 5000)).toBe(1)
      asked.destroy()
    },
    kill: () => master.end('SIGKILL'),
    async clear() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
      rmSync(folder, { recursive: true, force: true })
      for (const server of [replica, master]) await server.clear()
    },
  }
}
