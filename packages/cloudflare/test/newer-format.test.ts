import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { durableObjectStore, kvStore } from '@sojourn/cloudflare'
import { createSessions, type Session } from '@sojourn/core'
import { clock as startClock } from '@sojourn/core/testing'
import { describe, expect, it } from 'vitest'
import { MINUTE, newSubject } from './objects.ts'

const clock = startClock(Date.now())
const { SESSIONS: sessions, SUBJECTS: subjects, SESSIONS_KV: namespace } = env

const stores = [
  {
    name: 'durableObjectStore',
    store: durableObjectStore({ sessions, subjects, clock }),
    /** What is kept, as it is kept. */
    kept: (id: string): Promise<unknown> =>
      runInDurableObject(sessions.getByName(id), (_, { storage }) => [...storage.kv.list()]),
    alarm: (id: string) => runDurableObjectAlarm(sessions.getByName(id)),
  },
  {
    name: 'kvStore',
    store: kvStore({ namespace, clock }),
    kept: (id: string): Promise<unknown> =>
      Promise.all(
        ['record', 'touch', 'ended'].map((key) =>
          namespace.getWithMetadata(`sojourn:${key}:${id}`),
        ),
      ),
    alarm: async () => {},
  },
]

describe.each(stores)('a record that a newer version has written with $name', (place) => {
  const { store, kept, alarm } = place
  const site = createSessions<{ cart: string[] }>({ store, clock, secret: 'x'.repeat(32) })
  const refused = { name: 'SessionError', code: 'ERR_SESSION_FORMAT' }

  /** Somebody signed in by this version, whose record a newer one has written since. */
  async function upgraded() {
    const subject = newSubject()
    const open = (cookie = '') =>
      site.open(new Request('https://app.test/', { headers: { cookie } }))
    const session = await open()
    session.signIn(subject, { method: 'password' })
    const response = await site.commit(session.set('cart', ['tea']), new Response('ok'))
    const cookie = response.headers.get('set-cookie')?.split(';')[0]
    const underWay: Session<{ cart: string[] }> = await open(cookie)
    const id = session.id ?? ''
    const record = await store.read(id)
    if (!record) throw new Error('Nothing was stored')
    const newer = { ...record, format: 2, version: 2, data: { bag: { tea: 1 } }, seals: ['new'] }
    expect(await store.update(newer, clock() + 60 * MINUTE)).toBe('updated')
    return { id, subject, underWay, newer, open: () => open(cookie), was: await kept(id) }
  }

  it('is refused by name whenever it is asked for, and stays as it is, byte for byte', async () => {
    const { id, open, was } = await upgraded()
    for (let minutes = 0; minutes < 50; minutes += 10) {
      await expect(open()).rejects.toMatchObject(refused)
      clock.advance(600)
    }
    await alarm(id)
    expect(await kept(id)).toEqual(was)
  })

  it('is not overwritten by a request of this version that was under way', async () => {
    const { id, underWay, was } = await upgraded()
    underWay.update('cart', (cart = []) => [...cart, 'coffee'])
    const response = new Response('ok')
    await expect(site.commit(underWay, response)).rejects.toMatchObject(refused)
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await kept(id)).toEqual(was)
  })

  it('loses nothing by a touch of this version that was under way', async () => {
    const { id, newer, underWay } = await upgraded()
    clock.advance(600)
    await site.commit(underWay, new Response('ok'))
    expect(await store.read(id)).toEqual({ ...newer, lastSeenAt: clock() })
  })

  it('is ended by whoever revokes it', async () => {
    const ways: ((at: { id: string; subject: string }) => Promise<unknown>)[] = [
      ({ id }) => site.revoke(id),
      ({ id, subject }) => site.revoke(id, { subject }),
      ({ subject }) => site.revokeAll(subject),
    ]
    for (const end of ways) {
      const { id, subject, open } = await upgraded()
      expect(await end({ id, subject })).toBeTruthy()
      expect(await store.read(id)).toBeNull()
      expect((await open()).id).toBeNull()
    }
  })

  it('is not ended for another subject', async () => {
    const { id, was } = await upgraded()
    expect(await site.revoke(id, { subject: newSubject() })).toBe(false)
    expect(await kept(id)).toEqual(was)
  })
})
