import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { redisStore } from '@sojourn/stores/redis'
import { createClient, createCluster } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sample } from '../kit/records.ts'
import { type RedisCluster, redisCluster } from '../kit/redis-cluster.ts'
import { hasRedis, type RedisServer, redisServer } from '../kit/redis-server.ts'

const MINUTE = 60_000

describe.skipIf(!hasRedis)('the time that node-redis gives a command to be sent', () => {
  let server: RedisServer
  const closing: (() => unknown)[] = []
  beforeAll(async () => {
    server = await redisServer()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    for (const close of closing.splice(0)) await close()
  })
  afterAll(() => server?.clear())

  async function connected(timeout?: number) {
    const commandOptions = timeout === undefined ? {} : { commandOptions: { timeout } }
    const client = createClient({ url: server.url, ...commandOptions })
    client.on('error', () => {})
    closing.push(() => client.destroy())
    await client.connect()
    return client
  }

  it('is kept by what waits for a server that is away, and what was called off is not written later', async () => {
    const client = await connected(200)
    const store = redisStore({ client })
    const records = Array.from({ length: 300 }, () => sample(Date.now()))
    const create = (record: (typeof records)[number]) => store.create(record, Date.now() + MINUTE)
    const warnings = vi.fn()
    process.on('warning', warnings)
    closing.push(() => process.off('warning', warnings))
    await server.end()
    const started = performance.now()
    const answers = await Promise.allSettled(records.map(create))
    const waited = performance.now() - started
    const back = once(client, 'ready')
    await server.start()
    await back
    expect(answers.map(({ status }) => status)).toEqual(records.map(() => 'rejected'))
    expect(waited).toBeGreaterThan(150)
    for (const { id } of records) expect(await store.read(id)).toBeNull()
    expect(warnings).not.toHaveBeenCalled()
  })

  it('costs no timer for each command', async () => {
    const store = redisStore({ client: await connected() })
    const timers = vi.spyOn(AbortSignal, 'timeout')
    const started = performance.now()
    const ids = Array.from({ length: 500 }, () => sample(0).id)
    await Promise.all(ids.map((id) => store.read(id)))
    for (const id of ids) await store.read(id)
    const tenths = Math.ceil((performance.now() - started) / 100)
    expect(timers).toHaveBeenCalled()
    expect(timers.mock.calls.length).toBeLessThanOrEqual(tenths + 1)
    expect(timers).toHaveBeenCalledWith(5000)
  })

  it('is none where the application wants none', async () => {
    const client = await connected(0)
    const store = redisStore({ client })
    const other = redisStore({ client: (await connected()).withCommandOptions({ timeout: 0 }) })
    const timers = vi.spyOn(AbortSignal, 'timeout')
    await store.read(sample(0).id)
    await other.read(sample(0).id)
    expect(timers).not.toHaveBeenCalled()
  })

  it('goes on where a test has stopped the clock', async () => {
    const store = redisStore({ client: await connected(50) })
    vi.useFakeTimers({ toFake: ['performance'] })
    closing.push(() => vi.useRealTimers())
    for (let turn = 0; turn < 3; turn++) {
      expect(await store.read(sample(0).id)).toBeNull()
      await setTimeout(60)
    }
  })

  it('is shared in a cluster too', async () => {
    const cluster: RedisCluster = await redisCluster()
    closing.push(() => cluster.clear())
    const client = createCluster({ rootNodes: cluster.servers.map(({ url }) => ({ url })) })
    await client.connect()
    closing.unshift(() => client.destroy())
    const store = redisStore({ client })
    const ids = Array.from({ length: 200 }, () => sample(0).id)
    // Connections to the servers are made by commands of the client's own.
    for (const id of ids) await store.read(id)
    const timers = vi.spyOn(AbortSignal, 'timeout')
    await Promise.all(ids.map((id) => store.read(id)))
    expect(timers.mock.calls.length).toBeLessThan(20)
  })
})
