import { env } from 'cloudflare:workers'
import { kvCache } from '@sojourn/cloudflare'
import { createSessions, memoryStore } from '@sojourn/core'
import { storeContract } from '@sojourn/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { laggingKv } from './lagging-kv.ts'
import { MINUTE, newSubject, objects, sample } from './objects.ts'
import { fill, place, signIn } from './visits.ts'

const HALF_HOUR = 30 * MINUTE

/** Two places in front of the same objects; far away, KV itself lags a minute. */
function places({ staleFor = 60 } = {}) {
  const { store: authority, clock, calls } = objects()
  const kv = laggingKv(clock)
  const place = (namespace: typeof kv.near) => kvCache(authority, { namespace, staleFor, clock })
  return { authority, clock, calls, kv, near: place(kv.near), far: place(kv.far) }
}

/** The same, with a session that both places have copies of. */
async function kept(options: { staleFor?: number } = {}) {
  const at = places(options)
  const record = sample(at.clock)
  await at.near.create(record, at.clock() + HALF_HOUR)
  for (const place of [at.near, at.far]) {
    await place.read(record.id)
    await settled()
  }
  at.calls()
  return { ...at, record }
}

const realTimeout = setTimeout

// Only timers: the objects' own clock goes on.
const useTimers = () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())
}

/** Until what was left to do after the response is done: a copy is kept a second after it was found missing. */
const settled = (milliseconds = 1000) => vi.advanceTimersByTimeAsync(milliseconds)

// A copy does not know when its store would forget the record. The sessions do: they judge a record by its own instants.
const STORE_EXPIRY = [
  'moves lastSeenAt and the expiry by a touch, and nothing else',
  'has a record until the last millisecond, and not at its expiry',
]

describe('copies in KV keep what the contract asks of an eventually consistent store, but for its exact expiry:', () => {
  const cases = storeContract(
    ({ clock }) =>
      kvCache(memoryStore({ clock }), { namespace: laggingKv(clock).near, staleFor: 60, clock }),
    { list: true },
  ).filter(({ strong, name }) => !strong && !STORE_EXPIRY.includes(name))
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})

describe('a read', () => {
  useTimers()

  it('asks the objects once, and from then on KV alone', async () => {
    const { near, calls, record } = await kept()
    for (let i = 0; i < 10; i++) expect(await near.read(record.id)).toEqual(record)
    expect(calls()).toEqual([])
  })

  it('is never older than `staleFor`, to the millisecond, wherever and however late KV is', async () => {
    for (const staleFor of [10, 30, 60]) {
      const { near, far, clock, record } = await kept({ staleFor })
      await near.delete(record.id)
      expect(await near.read(record.id)).toBeNull()
      clock.advance(staleFor - 0.001)
      expect(await far.read(record.id)).toEqual(record)
      clock.advance(0.001)
      expect(await far.read(record.id)).toBeNull()
    }
  })

  it('never shows a copy older than the authority was asked, however long KV took to keep it', async () => {
    const { authority, clock, kv, near } = places()
    const record = sample(clock)
    await authority.create(record, clock() + HALF_HOUR)
    const slow = {
      ...authority,
      async read(id: string) {
        const found = await authority.read(id)
        clock.advance(40)
        return found
      },
    }
    const { near: namespace } = kv
    await kvCache(slow, { namespace, clock }).read(record.id)
    await settled()
    await authority.delete(record.id)
    clock.advance(19.999)
    expect(await near.read(record.id)).toEqual(record)
    clock.advance(0.001)
    expect(await near.read(record.id)).toBeNull()
  })

  it('that is authoritative sees what was revoked elsewhere a moment ago', async () => {
    const { near, far, record } = await kept()
    await near.delete(record.id)
    expect(await far.read(record.id, { authoritative: true })).toBeNull()
  })

  it('keeps no copy of what is not there, so that a session is seen as soon as it is', async () => {
    const { near, clock } = places()
    const record = sample(clock)
    expect(await near.read(record.id)).toBeNull()
    await near.create(record, clock() + HALF_HOUR)
    expect(await near.read(record.id)).toEqual(record)
  })

  it('comes from the objects where the copy is not this session’s, or nobody can read it', async () => {
    const { near, kv, clock, record } = await kept()
    const key = `sojourn:cached:${record.id}`
    const other = { at: clock(), record: sample(clock) }
    for (const copy of ['{"at":', '5', 'null', '{}', JSON.stringify(other)]) {
      await kv.near.put(key, copy)
      expect(await near.read(record.id)).toEqual(record)
    }
  })
})

describe('KV', () => {
  useTimers()

  const refuses = () => Promise.reject(new Error('KV is down'))
  const hangs = () => new Promise<never>(() => {})

  /** What waits for KV: timers go on until it is there. */
  async function soon<T>(answer: T | Promise<T>): Promise<T> {
    let there = false
    const settling = Promise.resolve(answer).finally(() => {
      there = true
    })
    for (let waited = 0; !there; waited += 100) {
      expect(waited).toBeLessThan(10_000)
      await settled(100)
      await new Promise((resolve) => realTimeout(resolve, 0))
    }
    return settling
  }

  it.each([
    ['refuses everything', refuses],
    ['never answers', hangs],
  ])('that %s costs the copy and half a second, and nothing else', async (_, failing) => {
    const { authority, clock, kv, record } = await kept()
    const namespace = { ...kv.near, get: failing, put: failing, delete: failing }
    const store = kvCache(authority, { namespace, clock })
    expect(await soon(store.read(record.id))).toEqual(record)
    expect(await soon(store.touch(record.id, clock(), clock() + HALF_HOUR))).toBe(true)
    const changed = { ...record, version: 2 }
    expect(await soon(store.update(changed, clock() + HALF_HOUR))).toBe('updated')
    expect(await soon(store.delete(record.id))).toBe(true)
  })

  it('that left one write unanswered is given copies again', async () => {
    const { store: authority, clock, calls } = objects()
    const { near } = laggingKv(clock)
    let hanging = true
    const put: typeof near.put = (...args) => (hanging ? hangs() : near.put(...args))
    const store = kvCache(authority, { namespace: { ...near, put }, clock })
    const record = sample(clock)
    await authority.create(record, clock() + HALF_HOUR)
    await store.read(record.id)
    await settled(2000)
    hanging = false
    await settled(10_000)
    await store.read(record.id)
    await settled(2000)
    calls()
    expect(await store.read(record.id)).toEqual(record)
    expect(calls()).toEqual([])
  })

  /** A place whose KV takes one write a second for each key, which the clock of the test and the timers count together. */
  function refusing() {
    const { store: authority, clock, calls } = objects()
    const { near } = laggingKv(clock)
    const last = new Map<string, number>()
    const once = async (key: string) => {
      if (clock() - (last.get(key) ?? 0) < 1000)
        throw new Error('KV PUT failed: 429 Too Many Requests')
      last.set(key, clock())
    }
    const namespace: typeof near = {
      ...near,
      put: (...args) => once(args[0]).then(() => near.put(...args)),
      delete: (key) => once(key).then(() => near.delete(key)),
    }
    async function pass(seconds: number) {
      for (let i = 0; i < seconds * 10; i++) {
        clock.advance(0.1)
        await settled(100)
      }
    }
    return { ...place(kvCache(authority, { namespace, clock }), clock), pass, calls }
  }

  it('that takes one write a second shows a sign-out at once, when the copy had run out before', async () => {
    const { visit, open, pass } = refusing()
    const { cookie } = await visit('', signIn)
    await visit(cookie, () => {})
    await pass(90)
    await visit(cookie, (session) => session.revoke())
    expect((await open(cookie)).subject).toBeNull()
    await pass(10)
    expect((await open(cookie)).subject).toBeNull()
  })

  it('that takes one write a second shows a change at once, when the copy had run out before', async () => {
    const { visit, open, pass } = refusing()
    const { cookie } = await visit('', fill('tea'))
    await visit(cookie, () => {})
    await pass(90)
    await visit(cookie, fill('tea', 'milk'))
    expect((await open(cookie)).get('cart')).toEqual(['tea', 'milk'])
    await pass(10)
    expect((await open(cookie)).get('cart')).toEqual(['tea', 'milk'])
  })

  it('that refuses the second of two writes within a second takes it when the second is over', async () => {
    const { visit, open, pass } = refusing()
    const { cookie } = await visit('', fill('tea'))
    await visit(cookie, fill('tea', 'milk'))
    await soon(visit(cookie, fill('tea', 'milk', 'bread')))
    await pass(4)
    expect((await open(cookie)).get('cart')).toEqual(['tea', 'milk', 'bread'])
    await visit(cookie, fill())
    await soon(visit(cookie, (session) => session.revoke()))
    await pass(4)
    expect((await open(cookie)).id).toBeNull()
  })
})

describe('a write', () => {
  useTimers()

  it('is read by the same place at once, without asking the objects again', async () => {
    const { near, clock, calls, record } = await kept()
    const changed = { ...record, version: 2, data: { cart: ['tea', 'milk'] } }
    expect(await near.update(changed, clock() + HALF_HOUR)).toBe('updated')
    expect(await near.read(record.id)).toEqual(changed)
    clock.advance(1)
    await near.touch(record.id, clock(), clock() + HALF_HOUR)
    expect(await near.read(record.id)).toEqual({ ...changed, lastSeenAt: clock() })
    expect(calls()).toEqual(['session.update', 'session.touch', 'session.read'])
  })

  it('from a place with an old copy loses nothing: the objects compare', async () => {
    const { near, far, clock, record } = await kept()
    await near.update({ ...record, version: 2, data: { cart: [] } }, clock() + HALF_HOUR)
    expect(await far.update({ ...record, version: 2 }, clock() + HALF_HOUR)).toBe('stale')
    await near.delete(record.id)
    expect(await far.update({ ...record, version: 2 }, clock() + HALF_HOUR)).toBe('missing')
    expect(await far.touch(record.id, clock(), clock() + HALF_HOUR)).toBe(false)
    expect(await far.read(record.id)).toBeNull()
  })

  it('that signs in is seen elsewhere at once by whoever has the new token', async () => {
    const { near, far, clock } = places()
    const [here, there] = [place(near, clock), place(far, clock)]
    const { cookie: before } = await here.visit('', fill('tea'))
    await there.open(before)
    const { cookie: after } = await here.visit(before, signIn)
    expect((await there.open(after)).subject).toBe('ada')
    const replayed = await there.open(before, true)
    expect([replayed.id, replayed.subject]).toEqual([null, null])
  })

  it('that signs out everywhere goes by the objects’ own list', async () => {
    const { near, far, clock } = places()
    const subject = newSubject()
    for (const place of [near, far]) {
      await place.create(sample(clock, { subject }), clock() + HALF_HOUR)
    }
    expect((await far.list(subject)).records).toHaveLength(2)
  })
})

describe('the cache', () => {
  useTimers()

  it('says that its reads may be old', () => {
    expect(places().near.consistency).toBe('eventual')
  })

  it('shows no session past its timeouts, since the sessions judge the record themselves', async () => {
    const { near, clock, calls } = places()
    const secret = 'a secret of 32 bytes and not less'
    const sessions = createSessions({ store: near, secret, clock, idleTimeout: 30 })
    const visit = (cookie: string) => new Request('https://app.test', { headers: { cookie } })
    const first = (await sessions.open(visit(''))).set('cart', ['tea'])
    const response = await sessions.commit(first, new Response())
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    await sessions.open(visit(cookie))
    await settled()
    for (const [after, alive] of [
      [29.999, true],
      [0.001, false],
    ] as const) {
      clock.advance(after)
      expect((await sessions.open(visit(cookie))).id !== null).toBe(alive)
    }
    expect(calls()).toEqual(['session.create', 'session.read', 'session.read'])
  })

  it('keeps nothing in KV for longer than it may be shown, or a minute, the least that KV takes', async () => {
    for (const staleFor of [10, 600]) {
      const { kv } = await kept({ staleFor })
      expect(new Set(kv.lives)).toEqual(new Set([Math.max(60, staleFor)]))
    }
  })

  it('names the option at fault', () => {
    const namespace = env.SESSIONS_KV
    const { store } = objects()
    const lax = { ...memoryStore(), consistency: 'eventual' as const }
    expect(() => kvCache(lax, { namespace })).toThrow(
      new TypeError('"authority" must be a strong store, got eventual'),
    )
    expect(() => kvCache(store, { namespace, staleFor: 9 })).toThrow(
      new TypeError('"staleFor" must be whole seconds from 10, got 9'),
    )
    expect(() => kvCache(store, { namespace: env.SESSIONS as never })).toThrow(
      /^"namespace" must be a KV namespace, got .+: in wrangler.jsonc, add .+SESSIONS_KV/,
    )
  })
})
