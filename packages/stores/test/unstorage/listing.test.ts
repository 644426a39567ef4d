import { createSessions, SessionError } from '@sojourn/core'
import { type UnstorageStorage, unstorageStore } from '@sojourn/stores/unstorage'
import { createStorage, type Driver } from 'unstorage'
import memory from 'unstorage/drivers/memory'
import { describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'

const unlisted = (getKeys: unknown) =>
  createStorage({ driver: { ...memory(), getKeys } as unknown as Driver })

const cause = new Error('405 Method Not Allowed')

// As the http driver before a server that lists nothing does, and the one of Vercel's runtime cache.
const drivers: Record<string, [UnstorageStorage, unknown]> = {
  'says that there are no keys': [unlisted(() => []), undefined],
  'has no getKeys': [unlisted(undefined), expect.any(TypeError)],
  throws: [
    unlisted(() => {
      throw cause
    }),
    cause,
  ],
  rejects: [unlisted(() => Promise.reject(cause)), cause],
}

describe.each(Object.entries(drivers))(
  'a driver that cannot list and %s',
  (_, [storage, because]) => {
    const store = unstorageStore({ storage })
    const index = { name: 'SessionError', code: 'ERR_SESSION_INDEX', cause: because }

    it('has no subject index, and says so by a named error, never by an empty list', async () => {
      const now = Date.now()
      const record = sample(now, { subject: 'ada' })
      await store.create(record, now + 60_000)
      for (const subject of ['ada', 'nobody']) {
        await expect(store.list(subject)).rejects.toBeInstanceOf(SessionError)
        await expect(store.list(subject)).rejects.toMatchObject({
          ...index,
          message: 'The unstorage driver cannot list its keys, so there is no index of subjects',
        })
      }
      await expect(store.sweep(now, 10)).rejects.toMatchObject(index)
      expect(await store.read(record.id)).toEqual(record)
    })

    it('makes `revokeAll` fail instead of revoking nothing, and opens, changes and ends sessions all the same', async () => {
      const sessions = createSessions<{ a: number }>({ store, secret: 'x'.repeat(32) })
      const session = await sessions.open(new Request('https://app.test/'))
      session.signIn('ada', { method: 'password' })
      session.set('a', 1)
      const response = await sessions.commit(session, new Response())
      const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
      await expect(sessions.revokeAll('ada')).rejects.toMatchObject(index)
      await expect(sessions.list('ada')).rejects.toMatchObject(index)
      const open = () => sessions.open(new Request('https://app.test/', { headers: { cookie } }))
      expect((await open()).get('a')).toBe(1)
      expect(await sessions.revoke(session.id ?? '')).toBe(true)
      expect((await open()).id).toBeNull()
    })
  },
)

describe('a driver that lists', () => {
  it('is believed when it has no session of a subject', async () => {
    const store = unstorageStore({ storage: createStorage() })
    expect(await store.list('ada')).toEqual({ records: [], after: null })
  })

  it('and fails later has failed, and has not lost its index', async () => {
    let down = false
    const inner = memory()
    const getKeys: Driver['getKeys'] = (...args) =>
      down ? Promise.reject(cause) : inner.getKeys(...args)
    const driver: Driver = { ...inner, getKeys }
    const store = unstorageStore({ storage: createStorage({ driver }) })
    await store.list('ada')
    down = true
    await expect(store.list('ada')).rejects.toBe(cause)
    down = false
    expect(await store.list('ada')).toEqual({ records: [], after: null })
  })

  it('and gives keys in another order, twice, or of no session, pages all the same', async () => {
    const storage = createStorage()
    const getKeys = async (base: string) => {
      const keys = await storage.getKeys(base)
      return [`${base}:x`, ...keys.toReversed(), ...keys, 'other:key']
    }
    const store = unstorageStore({ storage: { ...storage, getKeys } })
    const now = Date.now()
    const ids: string[] = []
    for (let count = 0; count < 5; count++) {
      const record = sample(now, { subject: 'ada' })
      await store.create(record, now + 60_000)
      ids.push(record.id)
    }
    const found: string[] = []
    let after: string | null = null
    do {
      const page = await store.list('ada', { after, limit: 2 })
      found.push(...page.records.map(({ id }) => id))
      after = page.after
    } while (after !== null)
    expect(found.sort()).toEqual(ids.sort())
  })
})
