import { describe, expect, it } from 'vitest'
import { createSessions } from '../src/index.ts'
import { request, SECRET, site } from './site.ts'

const TAKEN_AWAY = '__Host-id=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0'

describe('revoking the session of the request', () => {
  it('removes the record at once, takes the cookie away, and reads as empty from then on [F1]', async () => {
    const { begin, visit, calls, happened } = site()
    const { cookie } = await visit(null, (session) => {
      session.set('cart', ['lamp'])
      session.signIn('ada', { method: 'password' })
    })
    calls()
    happened()
    const { session, commit } = await begin(cookie)
    await session.revoke()
    expect(calls()).toEqual(['read', 'delete'])
    expect(happened()).toEqual(['revoked'])
    expect([session.id, session.subject, session.data, session.deadlines]).toEqual([
      null,
      null,
      {},
      null,
    ])
    const { setCookies } = await commit()
    expect(setCookies).toEqual([TAKEN_AWAY])
    expect(calls()).toEqual([])
  })

  it('and writing afterwards begins a new session, never the old id [F2, B10]', async () => {
    const { visit } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    let id: string | null = null
    const { setCookies, cookie: fresh } = await visit(cookie, async (session) => {
      id = session.id
      await session.revoke()
      session.set('notice', 'You are signed out')
    })
    expect(setCookies).toHaveLength(1)
    expect(fresh?.slice(0, 42)).not.toBe(cookie?.slice(0, 42))
    await visit(fresh, (session) => {
      expect(session.id).not.toBe(id)
      expect(session.data).toEqual({ notice: 'You are signed out' })
    })
  })

  it('forgets what was changed before in the same request', async () => {
    const { visit, calls } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    calls()
    await visit(cookie, async (session) => {
      session.set('b', 2)
      session.signIn('ada', { method: 'password' })
      await session.revoke()
    })
    expect(calls()).toEqual(['read', 'delete'])
  })

  it('without a session or a cookie is no error, no cookie and no store call [F3]', async () => {
    const { visit, calls } = site()
    const { setCookies } = await visit(null, (session) => session.revoke())
    expect(setCookies).toEqual([])
    expect(calls()).toEqual([])
  })

  it('with a dead cookie takes that away', async () => {
    const { visit, calls } = site()
    const { setCookies } = await visit('__Host-id=junk', (session) => session.revoke())
    expect(setCookies).toEqual([TAKEN_AWAY])
    expect(calls()).toEqual([])
  })

  it('that was never stored leaves no cookie and no record [F4]', async () => {
    const { visit, kept } = site()
    const { setCookies } = await visit(null, async (session) => {
      session.set('a', 1)
      await session.revoke()
    })
    expect(setCookies).toEqual([])
    expect(await kept()).toBe(0)
  })

  it('twice, or when it is gone already, is no error [F5]', async () => {
    const { begin, visit, happened } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    const other = await begin(cookie)
    happened()
    await visit(cookie, async (session) => {
      await session.revoke()
      await session.revoke()
    })
    await other.session.revoke()
    expect((await other.commit()).setCookies).toEqual([TAKEN_AWAY])
    expect(happened()).toEqual(['revoked'])
  })

  it('leaves a cookie that opens nothing, in another process too [F6]', async () => {
    const { visit, store, clock } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    await visit(cookie, (session) => session.revoke())
    const elsewhere = createSessions({ store, clock, secret: SECRET })
    expect((await elsewhere.open(request(cookie))).data).toEqual({})
    await visit(cookie, (session) => expect(session.data).toEqual({}))
  })

  it('is waited for by the response, though the handler did not wait', async () => {
    const { visit, begin, kept } = site({
      wrapStore: (store) => ({
        ...store,
        delete: async (id) => {
          for (let turns = 0; turns < 20; turns++) await null
          return store.delete(id)
        },
      }),
    })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    const { session, commit } = await begin(cookie)
    void session.revoke()
    void session.revoke()
    await commit()
    expect(await kept()).toBe(0)
  })

  it('with the token that a sign-in or a regeneration has just replaced ends that session', async () => {
    const { visit, sessions } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'test' }))
    await visit(cookie, (session) => session.regenerate())
    const { setCookies } = await visit(cookie, (session) => session.revoke())
    expect(setCookies).toEqual([TAKEN_AWAY])
    expect(await sessions.list('ada')).toEqual([])
  })

  it('stays done when the handler throws afterwards', async () => {
    const { sessions, visit } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    const boom = new Error('boom')
    const fetch = sessions.wrap(async (_, open) => {
      const session = await open()
      await session.revoke()
      throw boom
    })
    await expect(fetch(request(cookie))).rejects.toBe(boom)
    await visit(cookie, (session) => expect(session.data).toEqual({}))
  })

  it('that the store fails to do is reported to the caller; the cookie is taken away all the same [F10]', async () => {
    const { begin, visit, events } = site({
      wrapStore: (store) => ({ ...store, delete: () => Promise.reject(new Error('down')) }),
    })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    const { session, commit } = await begin(cookie)
    await expect(session.revoke()).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
      cause: new Error('down'),
    })
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: 'delete' })
    expect((await commit()).setCookies).toEqual([TAKEN_AWAY])
  })
})

describe('clearing all data', () => {
  it('keeps the session: live, empty, with its id and its subject [F7]', async () => {
    const { visit, calls } = site()
    const { cookie } = await visit(null, (session) => {
      session.set('a', 1)
      session.signIn('ada', { method: 'password' })
    })
    calls()
    const { setCookies } = await visit(cookie, (session) => session.clear())
    expect(setCookies).toEqual([])
    expect(calls()).toEqual(['read', 'update'])
    await visit(cookie, (session) => {
      expect(session.subject).toBe('ada')
      expect(session.data).toEqual({})
    })
  })

  it('of an empty session is no change', async () => {
    const { visit, calls } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'password' }))
    calls()
    await visit(cookie, (session) => session.clear())
    expect(calls()).toEqual(['read'])
  })
})

describe('a subject’s sessions', () => {
  async function three() {
    const one = site()
    const cookies: (string | null)[] = []
    for (const device of ['phone', 'desk', 'sofa']) {
      const { cookie } = await one.visit(null, (session) => {
        session.set('device', device)
        session.signIn('ada', { method: 'password' })
      })
      cookies.push(cookie)
    }
    const { cookie: grace } = await one.visit(null, (s) =>
      s.signIn('grace', { method: 'password' }),
    )
    const alive = async () => {
      const found: unknown[] = []
      for (const cookie of [...cookies, grace]) {
        await one.visit(cookie, (session) => found.push(session.subject))
      }
      return found
    }
    return { ...one, cookies, grace, alive }
  }

  it('are listed with what their owner needs to know them, and nothing that opens one [F9]', async () => {
    const { sessions, cookies } = await three()
    const list = await sessions.list('ada')
    expect(list.map(({ data }) => data['device']).sort()).toEqual(['desk', 'phone', 'sofa'])
    expect(list[0]).toMatchObject({
      subject: 'ada',
      persistent: false,
      authentications: [{ method: 'password' }],
      deadlines: { idle: expect.any(Number), absolute: expect.any(Number) },
    })
    for (const cookie of cookies) {
      expect(JSON.stringify(list)).not.toContain(cookie?.slice(10, 42))
    }
    expect(await sessions.list('nobody')).toEqual([])
  })

  it('are ended one by one by id; the next request of that one is anonymous [F9]', async () => {
    const { sessions, alive, happened } = await three()
    const list = await sessions.list('ada')
    const phone = list.find(({ data }) => data['device'] === 'phone')?.id ?? ''
    happened()
    expect(await sessions.revoke(phone)).toBe(true)
    expect(happened()).toEqual(['revoked'])
    expect(await sessions.revoke(phone)).toBe(false)
    expect(await alive()).toEqual([null, 'ada', 'ada', 'grace'])
  })

  it('are not ended by an id that a visitor made up, or that is somebody else’s', async () => {
    const { sessions, alive, calls } = await three()
    const [victim] = await sessions.list('grace')
    expect(await sessions.revoke(victim?.id ?? '', { subject: 'ada' })).toBe(false)
    const nobody = { subject: undefined } as unknown as { subject: string }
    expect(await sessions.revoke(victim?.id ?? '', nobody)).toBe(false)
    calls()
    for (const id of ['', '__proto__', '../x', 'x'.repeat(1e5), '\u0000', undefined, null, {}, 7]) {
      expect(await sessions.revoke(id as string, { subject: 'ada' })).toBe(false)
    }
    expect(calls()).toEqual([])
    expect(await alive()).toEqual(['ada', 'ada', 'ada', 'grace'])
  })

  it('are all ended but the one that is spared [F9]', async () => {
    const { sessions, begin, cookies, alive } = await three()
    const { session } = await begin(cookies[1] ?? null)
    expect(await sessions.revokeAll('ada', { except: session.id })).toBe(2)
    expect(await alive()).toEqual([null, 'ada', null, 'grace'])
  })

  it('are all ended [F9]', async () => {
    const { sessions, alive } = await three()
    expect(await sessions.revokeAll('ada')).toBe(3)
    expect(await sessions.revokeAll('ada')).toBe(0)
    expect(await alive()).toEqual([null, null, null, 'grace'])
  })

  it('are ended to the last one beyond a page of the index', async () => {
    const { sessions, visit } = site({ storeTimeout: 60 })
    await Promise.all(
      Array.from({ length: 250 }, () =>
        visit(null, (session) => session.signIn('ada', { method: 'password' })),
      ),
    )
    expect(await sessions.list('ada')).toHaveLength(250)
    expect(await sessions.revokeAll('ada')).toBe(250)
  })

  it('are ended once each where the index goes on listing them for a while', async () => {
    const { sessions, visit, kept, calls } = site({
      wrapStore: (store) => ({ ...store, delete: () => true }),
    })
    await visit(null, (s) => s.signIn('ada', { method: 'password' }))
    expect(await kept()).toBe(1)
    calls()
    expect(await sessions.revokeAll('ada')).toBe(1)
    expect(calls().filter((verb) => verb === 'delete')).toHaveLength(1)
  })

  it('need a store with an index: without one the error says so by name, not by an empty list', async () => {
    const { sessions } = site({
      wrapStore: ({ list: _, ...store }) => store,
    })
    await expect(sessions.list('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_INDEX' })
    await expect(sessions.revokeAll('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_INDEX' })
  })

  it('do not show one that has expired by a timeout shortened since', async () => {
    const { store, clock } = await three()
    clock.advance(100)
    const stricter = createSessions({ store, clock, secret: SECRET, idleTimeout: 60 })
    expect(await stricter.list('ada')).toEqual([])
  })
})
