import { setTimeout } from 'node:timers/promises'
import { createClient } from 'redis'
import { type RedisServer, redisServer } from './redis-server.ts'
import { freePort } from './services.ts'

/** Three servers that share the keys between them. */
export interface RedisCluster {
  readonly servers: readonly RedisServer[]
  clear(): Promise<void>
}

const SLOTS = 16_384

export async function redisCluster(): Promise<RedisCluster> {
  const servers: RedisServer[] = []
  for (let turn = 0; turn < 3; turn++) {
    const bus = String(await freePort())
    servers.push(await redisServer('--cluster-enabled', 'yes', '--cluster-port', bus))
    ports.set(servers[turn] as RedisServer, bus)
  }
  const clients = await Promise.all(
    servers.map(({ url }) => createClient({ url, disableOfflineQueue: true }).connect()),
  )
  const [first] = servers as [RedisServer]
  for (const [index, client] of clients.entries()) {
    const from = Math.floor((SLOTS * index) / 3)
    const to = Math.floor((SLOTS * (index + 1)) / 3) - 1
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`])
    const place = ['127.0.0.1', `${first.port}`, ports.get(first) ?? '']
    if (index > 0) await client.sendCommand(['CLUSTER', 'MEET', ...place])
  }
  for (const client of clients) {
    const isReady = async (): Promise<boolean> => {
      const info = String(await client.sendCommand(['CLUSTER', 'INFO']))
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
    }
    while (!(await isReady())) await setTimeout(20)
    client.destroy()
  }
  return {
    servers,
    async clear() {
      for (const server of servers) await server.clear()
    },
  }
}

// Where the servers talk to each other.
const ports = new WeakMap<RedisServer, string>()
