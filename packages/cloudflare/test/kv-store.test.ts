import { env } from 'cloudflare:workers'
import { kvStore } from '@sojourn/cloudflare'
import { storeContract } from '@sojourn/core/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { laggingKv } from './lagging-kv.ts'
import { MINUTE, newSubject, sample } from './objects.ts'

describe('the KV store keeps what the contract asks of an eventually consistent store:', () => {
  let round = 0
  const cases = storeContract(
    ({ clock }) => kvStore({ namespace: env.SESSIONS_KV, prefix: `${++round}:`, clock }),
    { list: true },
  ).filter(({ strong }) => !strong)
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})

describe('the KV store', () => {
  afterEach(() => void vi.useRealTimers())

  it('says that it is eventually consistent and takes a touch a minute', () => {
    const store = kvStore({ namespace: env.SESSIONS_KV })
    expect(store).toMatchObject({ consistency: 'eventual', leastTouchInterval: 60_000 })
  })

  it('never asks KV for a life of less than a minute, and ends a shorter session to the millisecond', async () => {
    const { near, clock, lives } = laggingKv()
    const store = kvStore({ namespace: near, clock })
    const record = sample(clock)
    await store.create(record, clock() + 5000)
    clock.advance(4.999)
    expect(await store.read(record.id)).toEqual(record)
    clock.advance(0.001)
    expect(await store.read(record.id)).toBeNull()
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(60)
  })

  it('writes a touch beside the record, and the record again once a day at most', async () => {
    const { near, clock, written } = laggingKv()
    const store = kvStore({ namespace: near, clock })
    const record = sample(clock, { subject: newSubject() })
    await store.create(record, clock() + 30 * MINUTE)
    for (let minutes = 0; minutes < 3 * 24 * 60; minutes += 20) {
      clock.advance(20 * 60)
      expect(await store.touch(record.id, clock(), clock() + 30 * MINUTE)).toBe(true)
    }
    expect(written.filter((key) => key.includes('record:'))).toHaveLength(3)
    expect((await store.list(record.subject ?? '')).records).toHaveLength(1)
  })

  it('tries a write again that KV refuses as too early, until its own time limit, then fails', async () => {
    vi.useFakeTimers()
    const { near, clock } = laggingKv()
    let refusals = 2
    const namespace = {
      ...near,
      put: async (...args: Parameters<typeof near.put>) => {
        if (refusals-- > 0) throw new Error('KV PUT failed: 429 Too Many Requests')
        return near.put(...args)
      },
    }
    const store = kvStore({ namespace, clock, writeTimeout: 3 })
    const created = Promise.resolve(store.create(sample(clock), clock() + MINUTE))
    await vi.advanceTimersByTimeAsync(2000)
    expect(await created).toBe(true)

    refusals = 100
    const failed = Promise.resolve(store.create(sample(clock), clock() + MINUTE)).catch(
      (error: unknown) => error,
    )
    await vi.advanceTimersByTimeAsync(3000)
    expect(await failed).toMatchObject({ name: 'SessionError', code: 'ERR_SESSION_STORE' })
  })

  it('takes for no session what it cannot read, and leaves it to the sessions to report', async () => {
    const { near, clock } = laggingKv()
    const store = kvStore({ namespace: near, clock })
    for (const [spoilt, metadata, answer] of [
      ['{}', null, null],
      ['{"id":"', { expiresAt: clock() + MINUTE }, {}],
    ] as const) {
      const record = sample(clock)
      await near.put(`sojourn:record:${record.id}`, spoilt, { metadata })
      expect(await store.read(record.id)).toEqual(answer && expect.objectContaining(answer))
    }
  })

  it('lists as many at once as KV does, and the rest after them', async () => {
    const { near, clock } = laggingKv()
    const asked: number[] = []
    const list: typeof near.list = (options) => {
      asked.push(options.limit)
      return near.list(options)
    }
    await kvStore({ namespace: { ...near, list }, clock }).list('ada', { limit: 5000 })
    expect(asked).toEqual([1000])
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'refuses a `writeTimeout` of %d',
    (writeTimeout) => {
      expect(() => kvStore({ namespace: env.SESSIONS_KV, writeTimeout })).toThrow(
        new TypeError(`"writeTimeout" must be seconds from 0, got ${writeTimeout}`),
      )
    },
  )

  it('names the binding that is missing, and the file to add it to', () => {
    for (const wrong of [undefined, env.SESSIONS, 'SESSIONS_KV']) {
      expect(() => kvStore({ namespace: wrong as never })).toThrow(
        /^"namespace" must be a KV namespace, got .+: in wrangler.jsonc, add .+SESSIONS_KV.+ to kv_namespaces/,
      )
    }
  })
})

describe('the KV store, where a place lags a minute behind the others,', () => {
  function places() {
    const { near, far, clock } = laggingKv()
    return {
      clock,
      near: kvStore({ namespace: near, clock }),
      far: kvStore({ namespace: far, clock }),
    }
  }

  it('reads a revoked session there for a minute, and no longer', async () => {
    const { near, far, clock } = places()
    const record = sample(clock)
    await near.create(record, clock() + 30 * MINUTE)
    expect(await far.read(record.id)).toEqual(record)
    await near.delete(record.id)
    expect(await near.read(record.id)).toBeNull()
    clock.advance(59.999)
    expect(await far.read(record.id)).toEqual(record)
    clock.advance(0.001)
    expect(await far.read(record.id)).toBeNull()
  })

  it('revives no revoked session by an update or a touch from there', async () => {
    for (const verb of ['update', 'touch'] as const) {
      const { near, far, clock } = places()
      const record = sample(clock, { subject: newSubject() })
      await near.create(record, clock() + 30 * MINUTE)
      await far.read(record.id)
      await near.delete(record.id)
      const until = clock() + 60 * MINUTE
      if (verb === 'update') await far.update({ ...record, version: 2 }, until)
      else await far.touch(record.id, clock(), until)
      expect(await near.read(record.id)).toBeNull()
      clock.advance(60)
      expect(await far.read(record.id)).toBeNull()
      expect((await near.list(record.subject ?? '')).records).toEqual([])
    }
  })

  it('revives none after its tombstone either, however long its sessions may last', async () => {
    const { near, far, clock } = places()
    const record = sample(clock)
    const until = clock() + 800 * 24 * 60 * MINUTE
    await near.create(record, until)
    await far.read(record.id)
    await near.delete(record.id)
    await far.update({ ...record, version: 2 }, until)
    clock.advance(402 * 86_400)
    expect(await near.read(record.id)).toBeNull()
  })

  it('takes back no sign-in by a touch from there', async () => {
    const { near, far, clock } = places()
    const record = sample(clock)
    await near.create(record, clock() + 30 * MINUTE)
    await far.read(record.id)
    const signedIn = { ...record, version: 2, generation: 1, subject: newSubject() }
    await near.update(signedIn, clock() + 30 * MINUTE)
    await far.touch(record.id, clock() + 1, clock() + 30 * MINUTE)
    expect(await near.read(record.id)).toEqual(signedIn)
    clock.advance(60)
    expect(await far.read(record.id)).toEqual(signedIn)
  })
})
