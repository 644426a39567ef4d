import { createSessions, memoryStore, type SessionRecord } from '@sojourn/core'
import { recorded } from '@sojourn/core/testing'
import { encrypted } from '@sojourn/stores/encrypted'
import { describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { KEY, OLD_KEY, PRIVATE, sealed } from './sealed.ts'
import { VECTOR, VECTOR_OPEN } from './vector.ts'

describe('what the store is given', () => {
  it('holds no word of the data, the device, the authentications or what a newer version adds', async () => {
    const { raw, store, clock, until } = await sealed()
    const future = { ...sample(clock(), PRIVATE), tenant: { name: 'acme' } }
    await store.create(future, until())
    const text = JSON.stringify(await raw.read(future.id))
    for (const word of [
      'tea',
      'passkey',
      '1767225600123',
      'Firefox',
      '192.0.2.7',
      'tenant',
      'acme',
    ])
      expect(text).not.toContain(word)
    expect(await store.read(future.id)).toEqual(future)
  })

  it('is a record like any other, with the facts that stores work with', async () => {
    const { kept, record } = await sealed()
    expect(await kept()).toEqual({
      ...record,
      authentications: [],
      device: null,
      data: { sealed: expect.stringMatching(/^1\.[\w-]{8}\.[\w-]+$/) },
    })
  })

  it('is longer by a third of the data and 120 bytes', async () => {
    for (const length of [0, 1, 2, 1000, 100_000]) {
      const data = { text: 'x'.repeat(length) }
      const { kept, record } = await sealed({ data })
      const grown = JSON.stringify(await kept()).length - JSON.stringify(record).length
      expect(grown).toBe(Math.ceil(JSON.stringify(data).length / 3) + 120)
    }
  })
})

describe('a sealed session', () => {
  it('is unsealed by any process that has the key, now and with the next version', async () => {
    const memory = memoryStore({ clock: () => VECTOR.createdAt })
    memory.create(VECTOR, VECTOR.createdAt + 1)
    expect(await encrypted(memory, KEY).read(VECTOR.id)).toEqual(VECTOR_OPEN)
  })

  it('is touched without being unsealed or sealed again', async () => {
    const { clock, store, record, kept, until } = await sealed()
    const before = await kept()
    clock.advance(60)
    expect(await store.touch(record.id, clock(), until())).toBe(true)
    expect(await kept()).toEqual({ ...before, lastSeenAt: clock() })
    expect(await store.read(record.id)).toEqual({ ...record, lastSeenAt: clock() })
  })

  it('is read as surely as it was asked for, and touched as rarely as its store allows', async () => {
    const asked: unknown[] = []
    const memory = memoryStore()
    const lax = {
      ...memory,
      consistency: 'eventual' as const,
      leastTouchInterval: 60_000,
      read(id: string, options?: object) {
        asked.push(options)
        return memory.read(id)
      },
    }
    const store = encrypted(lax, KEY)
    expect(store).toMatchObject({ consistency: 'eventual', leastTouchInterval: 60_000 })
    await store.read('x', { authoritative: true })
    await store.read('x')
    expect(asked).toEqual([{ authoritative: true }, undefined])
    expect(() => createSessions({ store, secret: KEY, idleTimeout: 599 })).toThrow('"idleTimeout"')
  })

  it('costs the store what an open one does', async () => {
    const { raw, record, until } = await sealed()
    const spy = recorded(raw)
    const store = encrypted(spy, KEY)
    await store.read(record.id)
    await store.update({ ...record, version: 2 }, until())
    await store.touch(record.id, 0, until())
    await store.list?.('ada')
    await store.delete(record.id)
    expect(spy.calls.map(({ verb }) => verb)).toEqual(['read', 'update', 'touch', 'list', 'delete'])
  })
})

describe('a list', () => {
  it('shows a session that cannot be unsealed, without what is sealed, and so `revokeAll` ends it', async () => {
    const { clock, raw, store, record, plant, until } = await sealed()
    const good = sample(clock(), PRIVATE)
    await store.create(good, until())
    await plant({ ...record, tenant: 'acme' })
    const bare = { ...record, authentications: [], device: null, data: {} }
    const byId = (records: readonly SessionRecord[]) =>
      Object.fromEntries(records.map((one) => [one.id, one]))
    const page = await store.list?.('ada')
    expect(byId(page?.records ?? [])).toEqual(byId([good, bare]))

    const lost = encrypted(raw, OLD_KEY)
    const sessions = createSessions({ store: lost, secret: KEY, clock })
    expect(await sessions.list('ada')).toHaveLength(2)
    expect(await sessions.revokeAll('ada')).toBe(2)
    expect(await raw.list?.('ada')).toEqual({ records: [], after: null })
  })

  it('goes on where somebody has made an id something else', async () => {
    const { store, kept, plant } = await sealed()
    for (const id of [7, null, undefined, {}]) {
      await plant({ ...(await kept()), id })
      expect((await store.list?.('ada'))?.records).toMatchObject([{ subject: 'ada', data: {} }])
    }
  })

  it('fails when the store does', async () => {
    const list = () => Promise.reject(new Error('down'))
    const store = encrypted({ ...memoryStore(), list }, KEY)
    await expect(store.list('ada')).rejects.toThrow('down')
  })
})
