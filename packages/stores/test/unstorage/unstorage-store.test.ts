import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clock as startClock } from '@sojourn/core/testing'
import { unstorageStore } from '@sojourn/stores/unstorage'
import { createStorage, prefixStorage } from 'unstorage'
import fs from 'unstorage/drivers/fs'
import { afterAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { shelf } from './storages.ts'

const MINUTE = 60_000
const left = shelf()
afterAll(() => left.clear())

function setup() {
  const clock = startClock()
  const storage = createStorage()
  return { clock, storage, store: unstorageStore({ storage, clock }) }
}

/** A storage that notes what it was told to keep, and for how many seconds. */
function noting() {
  const storage = createStorage()
  const noted: { key: string; ttl: unknown }[] = []
  const setItem = (key: string, value: string, options?: { ttl?: number }) => {
    noted.push({ key, ttl: options?.ttl })
    return storage.setItem(key, value, options)
  }
  return { noted, storage: { ...storage, setItem } }
}

describe('the readers of one process', () => {
  it('read side by side', async () => {
    const storage = createStorage()
    const reading = Promise.withResolvers<void>()
    let reads = 0
    const getItem = async (key: string) => {
      // Four keys each.
      if (++reads === 8) reading.resolve()
      await reading.promise
      return storage.getItem(key)
    }
    const store = unstorageStore({ storage: { ...storage, getItem } })
    const { id } = sample(0)
    expect(await Promise.all([store.read(id), store.read(id)])).toEqual([null, null])
  }, 2000)
})

describe('the writers of one process', () => {
  it('are kept apart through two stores, on two storages with a driver each', async () => {
    const base = left.folder()
    const stores = [1, 2].map(() =>
      unstorageStore({ storage: left.keep(createStorage({ driver: fs({ base }) })) }),
    )
    await race(stores)
  })

  it('are kept apart through `prefixStorage`, which gives another object each time', async () => {
    const storage = createStorage()
    await race([1, 2].map(() => unstorageStore({ storage: prefixStorage(storage, 'app') })))
  })

  async function race(stores: ReturnType<typeof unstorageStore>[]) {
    const now = Date.now()
    const record = sample(now, { data: { count: 0 } })
    await stores[0]?.create(record, now + MINUTE)
    async function increment(store: ReturnType<typeof unstorageStore>): Promise<void> {
      const base = (await store.read(record.id)) ?? record
      const { count } = base.data
      const next = { ...base, version: base.version + 1, data: { count: Number(count) + 1 } }
      if ((await store.update(next, now + MINUTE)) === 'stale') return increment(store)
    }
    await Promise.all(Array.from({ length: 10 }, () => stores.map(increment)).flat())
    expect(await stores[1]?.read(record.id)).toMatchObject({ version: 21, data: { count: 20 } })
  }
})

describe('what is in a storage', () => {
  it('is text that nobody takes for JSON, so a number stays a text and no key is dropped', async () => {
    const { clock, storage, store } = setup()
    const data = JSON.parse(
      '{"__proto__":{"a":1},"constructor":{"prototype":2},"n":"123","t":"true"}',
    )
    const record = sample(clock(), { data })
    await store.create(record, clock() + MINUTE)
    const read = await store.read(record.id)
    expect(JSON.stringify(read?.data)).toBe(JSON.stringify(data))
    const [key = ''] = await storage.getKeys('sojourn:record')
    expect(await storage.getItem(key)).toMatch(/^\d+ \{/)
  })

  it('is in files of lower case whose names are short, whoever the subject', async () => {
    const base = left.folder()
    const storage = left.keep(createStorage({ driver: fs({ base }) }))
    const store = unstorageStore({ storage })
    const now = Date.now()
    const ids = ['A'.repeat(32), 'a'.repeat(32), `${'-_'.repeat(15)}aA`]
    for (const id of ids) {
      await store.create(sample(now, { id, subject: 'Å/..\\?'.repeat(1000) }), now + MINUTE)
    }
    const names = readdirSync(base, { recursive: true, encoding: 'utf8' })
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
    for (const name of names) {
      expect(name).toMatch(/^[a-z0-9/\\]+$/)
      for (const part of name.split(/[/\\]/)) expect(part.length).toBeLessThanOrEqual(64)
    }
    const { records } = await store.list('Å/..\\?'.repeat(1000))
    expect(records.map(({ id }) => id).sort()).toEqual(ids.sort())
  })

  it('lies under the prefix, and stores of two prefixes have nothing in common', async () => {
    const storage = createStorage()
    const [one, other] = ['app:one', 'app:one-more'].map((prefix) =>
      unstorageStore({ storage, prefix }),
    ) as [ReturnType<typeof unstorageStore>, ReturnType<typeof unstorageStore>]
    const now = Date.now()
    const record = sample(now, { subject: 'ada' })
    await one.create(record, now + MINUTE)
    expect(await other.read(record.id)).toBeNull()
    expect(await other.list('ada')).toEqual({ records: [], after: null })
    expect(await other.sweep(now + 1000 * 86_400_000, 10)).toBe(0)
    expect(await one.read(record.id)).toEqual(record)
  })

  it.each(['record', 'touch', 'replaced', 'ended', 'subject', 'eu'])(
    'is swept by no store whose prefix is the beginning of its own: %s',
    async (word) => {
      const { storage, clock } = setup()
      const [outer, inner] = ['app', `app:${word}`].map((prefix) =>
        unstorageStore({ storage, prefix, clock }),
      ) as [ReturnType<typeof unstorageStore>, ReturnType<typeof unstorageStore>]
      const record = sample(clock(), { subject: 'ada' })
      await inner.create(record, clock() + 1000)
      await inner.touch(record.id, clock(), clock() + MINUTE)
      const ended = sample(clock())
      await inner.create(ended, clock() + 1000)
      await inner.delete(ended.id)
      const keys = await storage.getKeys()
      clock.advance(2)
      expect(await outer.sweep(clock() + 1000 * 86_400_000, 100)).toBe(0)
      expect(await inner.read(record.id)).toEqual(record)
      expect(await storage.getKeys()).toEqual(expect.arrayContaining(keys))
    },
  )
})

describe('what is under a session’s key and is none', () => {
  it.each(['record', 'touch', 'replaced', 'ended'])(
    'may be an error that a driver gives back instead of throwing it, and fails the read: %s',
    async (kind) => {
      const base = left.folder()
      mkdirSync(join(base, 'sojourn'))
      // Where a folder is to be, so that whatever is in it is `ENOTDIR`.
      writeFileSync(join(base, 'sojourn', kind), '')
      const store = unstorageStore({ storage: left.keep(createStorage({ driver: fs({ base }) })) })
      const { id } = sample(0)
      await expect(store.read(id)).rejects.toMatchObject({ code: 'ENOTDIR' })
      await expect(store.delete(id)).rejects.toMatchObject({ code: 'ENOTDIR' })
    },
  )

  it.each([
    ['an empty text', ''],
    ['a text of somebody else’s', 'hello'],
    ['JSON', { id: 'x' }],
    ['a number', 7],
    ['half of what was written', '999 {"record":{'],
    ['no JSON', '3 {"a'],
    ['another session', '20 {"record":{"id":"y"}}'],
    ['no session', '2 {}'],
  ])('fails the read, and every write: %s', async (_, value) => {
    const { clock, storage, store } = setup()
    const record = sample(clock())
    await store.create(record, clock() + MINUTE)
    const [key = ''] = await storage.getKeys('sojourn:record')
    await storage.setItem(key, value)
    const message = new RegExp(`^What is under ${key} is (not the store’s|another session)$`)
    const until = clock() + MINUTE
    await expect(store.read(record.id)).rejects.toThrow(message)
    await expect(store.create(record, until)).rejects.toThrow(message)
    await expect(store.update({ ...record, version: 2 }, until)).rejects.toThrow(message)
    await expect(store.touch(record.id, clock(), until)).rejects.toThrow(message)
    await expect(store.delete(record.id)).rejects.toThrow(message)
    expect(await store.sweep(clock() + 1000 * MINUTE, 10)).toBe(0)
    expect(await storage.hasItem(key)).toBe(true)
  })

  it('is read again while another process may still be writing it', async () => {
    const { clock, storage, store } = setup()
    const record = sample(clock())
    await store.create(record, clock() + MINUTE)
    let halves = 3
    const getItem = async (key: string) => {
      const text = (await storage.getItem(key)) as string
      return key.includes(':record:') && halves-- > 0 ? text.slice(0, halves * 20) : text
    }
    const other = unstorageStore({ storage: { ...storage, getItem }, clock })
    expect(await other.read(record.id)).toEqual(record)
    expect(halves).toBeLessThan(0)
  })

  it('is no matter behind the record: the end of a longer one that was written at the same time', async () => {
    const { clock, storage, store } = setup()
    const record = sample(clock())
    await store.create(record, clock() + MINUTE)
    const [key = ''] = await storage.getKeys('sojourn:record')
    await storage.setItem(key, `${await storage.getItem(key)}"tail":1}}`)
    expect(await store.read(record.id)).toEqual(record)
  })
})

describe('a session that has the id of one that has expired', () => {
  it('has nothing of it, neither its last use nor its expiry nor its generation', async () => {
    const { clock, store } = setup()
    const old = sample(clock())
    await store.create(old, clock() + MINUTE)
    await store.update({ ...old, version: 2, generation: 1 }, clock() + MINUTE)
    await store.update({ ...old, version: 3, generation: 1 }, clock() + MINUTE)
    await store.touch(old.id, clock() + 1, clock() + 2 * MINUTE)
    clock.advance(120)
    const record = sample(clock(), { id: old.id, version: 3, lastSeenAt: clock() - MINUTE })
    expect(await store.create(record, clock() + MINUTE)).toBe(true)
    expect(await store.read(old.id)).toEqual(record)
  })
})

describe('the seconds that a driver is told to keep a key for', () => {
  it('are never less than the session has left, for each of its keys', async () => {
    const { noted, storage } = noting()
    const clock = startClock()
    const store = unstorageStore({ storage, clock })
    const record = sample(clock(), { subject: 'ada' })
    await store.create(record, clock() + 1)
    await store.update({ ...record, version: 2, generation: 1 }, clock() + 3_600_500)
    clock.advance(10)
    await store.touch(record.id, clock(), clock() + 400 * 86_400_000)
    await store.touch(record.id, clock(), clock() + 401 * 86_400_000)
    await store.delete(record.id)
    for (const { ttl } of noted) expect(Number.isInteger(ttl)).toBe(true)
    const least = (kind: string) =>
      noted.filter(({ key }) => key.includes(`:${kind}:`)).map(({ ttl }) => Number(ttl))
    expect(least('record')[0]).toBe(86_401)
    expect(least('record')[1]).toBeGreaterThanOrEqual(3601)
    expect(least('record')[2]).toBeGreaterThanOrEqual(400 * 86_400)
    expect(least('touch')[0]).toBeGreaterThanOrEqual(401 * 86_400)
    for (const kind of ['replaced', 'ended']) expect(least(kind)[0]).toBeGreaterThan(86_400)
    expect(least('subject').at(-1)).toBeGreaterThanOrEqual(400 * 86_400)
  })

  it('outlast a touch, so that the record is written again once a day at most', async () => {
    const { noted, storage } = noting()
    const clock = startClock()
    const store = unstorageStore({ storage, clock })
    const record = sample(clock(), { subject: 'ada' })
    await store.create(record, clock() + 30 * MINUTE)
    for (let minutes = 0; minutes < 3 * 24 * 60; minutes += 20) {
      clock.advance(20 * 60)
      expect(await store.touch(record.id, clock(), clock() + 30 * MINUTE)).toBe(true)
    }
    expect(noted.filter(({ key }) => key.includes(':record:'))).toHaveLength(3)
    expect((await store.list('ada')).records).toHaveLength(1)
  })
})

describe('a sweep', () => {
  it('leaves no key of sessions that have ended, once nobody can write them any more', async () => {
    const { clock, storage, store } = setup()
    const records = ['expired', 'revoked', 'moved'].map((subject) => sample(clock(), { subject }))
    const [expired, revoked, moved] = records as [
      (typeof records)[0],
      (typeof records)[0],
      (typeof records)[0],
    ]
    for (const record of records) await store.create(record, clock() + MINUTE)
    await store.touch(expired.id, clock() + 1, clock() + 2 * MINUTE)
    await store.delete(revoked.id)
    await store.update({ ...moved, version: 2, generation: 1, subject: 'bob' }, clock() + MINUTE)
    clock.advance(600)
    expect(await store.sweep(clock(), 10)).toBe(2)
    const kinds = async () =>
      (await storage.getKeys('sojourn')).map((key) => key.split(':')[1]).sort()
    expect(await kinds()).toEqual(['ended', 'subject', 'subject', 'subject', 'zz-listing'])
    clock.advance(2 * 86_400)
    expect(await store.sweep(clock(), 10)).toBe(0)
    expect(await kinds()).toEqual(['zz-listing'])
  })

  it('removes with a tombstone whatever was written of its session since', async () => {
    const { clock, storage, store } = setup()
    const record = sample(clock())
    await store.create(record, clock() + MINUTE)
    const [key = ''] = await storage.getKeys('sojourn:record')
    const late = (await storage.getItem(key)) as string
    await store.delete(record.id)
    // By a process that ended before it could look whether the session had.
    await storage.setItem(key, late.replaceAll(/("(?:expires|kept|indexed)[^"]+":)\d/g, '$19'))
    expect(await store.read(record.id)).toBeNull()
    expect(await store.update({ ...record, version: 2 }, clock() + MINUTE)).toBe('missing')
    expect(await store.touch(record.id, clock(), clock() + MINUTE)).toBe(false)
    expect(await store.create(record, clock() + MINUTE)).toBe(false)
    clock.advance(3 * 86_400)
    await store.sweep(clock(), 10)
    expect(await store.read(record.id)).toBeNull()
    expect(await storage.getKeys('sojourn')).toEqual(['sojourn:zz-listing:key'])
  })
})
