import { randomBytes } from 'node:crypto'
import { storeContract } from '@sojourn/core/testing'
import { redisStore } from '@sojourn/stores/redis'
import { Cluster as Cluster5 } from 'ioredis'
import { Cluster as Cluster6 } from 'ioredis-6'
import { createClient, createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { type RedisCluster, redisCluster } from '../kit/redis-cluster.ts'
import { hasRedis } from '../kit/redis-server.ts'
import type { Connected } from './clients.ts'

const ioredis = (cluster: Cluster5 | Cluster6): Connected => ({
  client: cluster,
  close: () => cluster.disconnect(),
})

const connections: Readonly<Record<string, (cluster: RedisCluster) => Promise<Connected>>> = {
  async 'node-redis 6'({ servers }) {
    const cluster = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) })
    await cluster.connect()
    return { client: cluster, close: () => cluster.destroy() }
  },
  'ioredis 5': async ({ servers }) =>
    ioredis(new Cluster5(servers.map(({ port }) => ({ host: '127.0.0.1', port })))),
  'ioredis 6': async ({ servers }) =>
    ioredis(new Cluster6(servers.map(({ port }) => ({ host: '127.0.0.1', port })))),
}

describe.skipIf(!hasRedis)('on a cluster of three', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await redisCluster()
  })
  afterAll(() => cluster?.clear())

  describe.each(Object.entries(connections))(
    'the Redis store keeps the contract: %s:',
    (_, connect) => {
      let connected: Connected
      beforeAll(async () => {
        connected = await connect(cluster)
      })
      afterAll(() => connected?.close())
      const cases = storeContract(
        ({ clock }) => {
          const prefix = `${randomBytes(6).toString('hex')}:`
          return redisStore({ client: connected.client, prefix, clock })
        },
        { list: true },
      )
      it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())

      it('spreads sessions over all servers, and goes on when keys move from one to another', async () => {
        const store = redisStore({
          client: connected.client,
          prefix: `${randomBytes(6).toString('hex')}:`,
        })
        const now = Date.now()
        const records = Array.from({ length: 60 }, () => sample(now, { subject: 'ada' }))
        for (const record of records) await store.create(record, now + 60_000)
        const held = await Promise.all(cluster.servers.map(keysOf))
        expect(held.every((keys) => keys > 5)).toBe(true)

        let moving = true
        const moved = moveSlots(cluster).finally(() => {
          moving = false
        })
        let version = 1
        while (moving) {
          version++
          for (const record of records) {
            expect(await store.update({ ...record, version }, now + 60_000)).toBe('updated')
            expect((await store.read(record.id))?.version).toBe(version)
          }
        }
        await moved
        expect(version).toBeGreaterThan(1)
        const { records: listed } = await store.list('ada', { limit: 100 })
        expect(listed).toHaveLength(60)
        expect(listed.every((record) => record.version === version)).toBe(true)
      })
    },
  )
})

async function keysOf({ url }: { readonly url: string }): Promise<number> {
  const client = await createClient({ url }).connect()
  const count = await client.dbSize()
  client.destroy()
  return count
}

/** Moves 300 slots from the server that has them to the next, one by one, as an operator's tool does. */
async function moveSlots({ servers }: RedisCluster): Promise<void> {
  const clients = await Promise.all(servers.map(({ url }) => createClient({ url }).connect()))
  try {
    const ids = await Promise.all(
      clients.map(async (client) => String(await client.sendCommand(['CLUSTER', 'MYID']))),
    )
    const ranges = (await clients[0]?.sendCommand(['CLUSTER', 'SLOTS'])) as [
      number,
      number,
      [string, number, string],
    ][]
    const first = ranges.find(([, , [, , id]]) => id === ids[0])?.[0] ?? 0
    for (let slot = first; slot < first + 300; slot++) await moveSlot(clients, ids, slot, servers)
  } finally {
    for (const client of clients) client.destroy()
  }
}

interface Asked {
  sendCommand(command: string[]): Promise<unknown>
}

async function moveSlot(
  clients: readonly Asked[],
  ids: readonly string[],
  slot: number,
  servers: RedisCluster['servers'],
): Promise<void> {
  const [from, to] = clients
  const [fromId = '', toId = ''] = ids
  const cluster = (client: Asked | undefined, ...args: string[]) =>
    client?.sendCommand(['CLUSTER', ...args])
  await cluster(to, 'SETSLOT', `${slot}`, 'IMPORTING', fromId)
  await cluster(from, 'SETSLOT', `${slot}`, 'MIGRATING', toId)
  for (;;) {
    const keys = (await cluster(from, 'GETKEYSINSLOT', `${slot}`, '10')) as string[]
    if (!keys.length) break
    const port = String(servers[1]?.port)
    await from?.sendCommand(['MIGRATE', '127.0.0.1', port, '', '0', '5000', 'KEYS', ...keys])
  }
  for (const client of [to, from, clients[2]]) {
    await cluster(client, 'SETSLOT', `${slot}`, 'NODE', toId)
  }
}
