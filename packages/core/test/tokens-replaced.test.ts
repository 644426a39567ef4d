import { describe, expect, it } from 'vitest'
import { SessionError } from '../src/index.ts'
import { site } from './site.ts'

const cart = (session: { set(key: string, value: unknown): unknown }): unknown =>
  session.set('cart', ['lamp'])

describe('signing in', () => {
  it('replaces the token in the single write of the response; id and data stay [E1, E2]', async () => {
    const { visit, calls, sessions, happened } = site()
    const { cookie } = await visit(null, cart)
    const anonymous = await visit(cookie, (session) => session.id)
    calls()
    happened()
    const signedIn = await visit(anonymous.cookie, (session) => {
      session.signIn('ada', { method: 'password' })
      expect(session.subject).toBe('ada')
    })
    expect(calls()).toEqual(['read', 'update'])
    expect(happened()).toEqual(['signed-in'])
    expect(signedIn.setCookies).toHaveLength(1)
    expect(signedIn.cookie?.slice(0, 43)).toBe(cookie?.slice(0, 43))
    const [info] = await sessions.list('ada')
    await visit(signedIn.cookie, (session) => {
      expect(session.id).toBe(info?.id)
      expect(session.subject).toBe('ada')
      expect(session.get('cart')).toEqual(['lamp'])
      expect(session.authentications).toEqual([{ method: 'password', at: expect.any(Number) }])
    })
  })

  it('leaves the old token dead in every later request, whoever fixed it [E1]', async () => {
    const { visit, clock } = site()
    const { cookie: fixed } = await visit(null, cart)
    await visit(fixed, (session) => session.signIn('ada', { method: 'password' }))
    for (const later of [0, 29, 1, 3600]) {
      clock.advance(later)
      await visit(fixed, (session) => {
        expect(session.subject).toBeNull()
        expect(session.data).toEqual({})
      })
    }
  })

  it('reports the old token as a replay, never as a guess, with its age', async () => {
    const { visit, clock, events } = site()
    const { cookie } = await visit(null, cart)
    await visit(cookie, (session) => session.signIn('ada', { method: 'password' }))
    clock.advance(60)
    await visit(cookie)
    expect(events.at(-1)).toMatchObject({
      type: 'replayed',
      subject: 'ada',
      generation: 0,
      age: 60_000,
      settling: false,
    })
  })

  it('of a visitor without a session creates one, signed in, in one write', async () => {
    const { visit, calls, happened } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'passkey' }))
    expect(calls()).toEqual(['create'])
    expect(happened()).toEqual(['created', 'signed-in'])
    await visit(cookie, (session) => expect(session.subject).toBe('ada'))
  })

  it('as somebody else starts without the other’s data', async () => {
    const { visit, sessions } = site()
    const { cookie } = await visit(null, (session) => {
      session.signIn('ada', { method: 'password' })
      session.set('letters', ['from grace'])
    })
    const { cookie: other } = await visit(cookie, (session) => {
      session.set('note', 'for ada')
      session.signIn('eve', { method: 'password' })
      expect(session.data).toEqual({})
      session.set('own', true)
    })
    await visit(other, (session) => {
      expect(session.subject).toBe('eve')
      expect(session.data).toEqual({ own: true })
    })
    expect(await sessions.list('ada')).toEqual([])
    expect(await sessions.list('eve')).toHaveLength(1)
  })

  it('as somebody else takes along neither what was set before it nor "remember me"', async () => {
    for (const ended of [false, true]) {
      const { begin, visit, sessions } = site()
      const { cookie } = await visit(null, (session) => {
        session.signIn('bob', { method: 'password', persistent: true })
        session.set('email', 'bob@example.test')
      })
      const { session, commit } = await begin(cookie)
      session.set('note', `seen by ${session.get('email')}`)
      session.signIn('ada', { method: 'password' })
      if (ended) await sessions.revokeAll('bob')
      const { cookie: other, setCookies } = await commit()
      expect(setCookies[0]).not.toMatch(/Max-Age/)
      await visit(other, (session) => {
        expect(session.subject).toBe('ada')
        expect(session.data).toEqual({})
        expect(session.persistent).toBe(false)
      })
    }
  })

  it.each([
    ['a subject', '', 'password'],
    ['a subject that is a text', 7 as unknown as string, 'password'],
    ['a method', 'ada', ''],
    ['a method that is a text', 'ada', undefined as unknown as string],
  ])('without %s is a TypeError, and nobody is signed in', async (_, subject, method) => {
    const { visit } = site()
    const { setCookies } = await visit(null, (session) => {
      expect(() => session.signIn(subject, { method })).toThrow(TypeError)
      expect(session.subject).toBeNull()
    })
    expect(setCookies).toEqual([])
    const { cookie } = await visit(null, (session) => session.signIn('bob', { method: 'test' }))
    await visit(cookie, (session) => {
      session.set('kept', 1)
      expect(() => session.signIn(subject, { method })).toThrow(TypeError)
      expect(session.get('kept')).toBe(1)
    })
  })
})

describe('re-authentication', () => {
  it('replaces the token without grace and keeps who is signed in [E1]', async () => {
    const { visit, happened } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'password' }))
    happened()
    const again = await visit(cookie, (session) => {
      session.reauthenticate({ method: 'totp' })
      session.reauthenticate({ method: 'totp' })
    })
    expect(happened()).toEqual(['regenerated'])
    await visit(cookie, (session) => expect(session.subject).toBeNull())
    await visit(again.cookie, (session) => {
      expect(session.subject).toBe('ada')
      expect(session.authentications.map(({ method }) => method)).toEqual(['password', 'totp'])
    })
  })

  it('is a TypeError where nobody is signed in', async () => {
    const { visit } = site()
    await visit(null, (session) => {
      expect(() => session.reauthenticate({ method: 'totp' })).toThrow(TypeError)
    })
  })
})

describe('regeneration', () => {
  it('is generation + 1 in the same record: no copy, no tombstone, no second record [E3]', async () => {
    const { visit, calls, sessions } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'password' }))
    calls()
    const { setCookies } = await visit(cookie, (session) => session.regenerate())
    expect(calls()).toEqual(['read', 'update'])
    expect(setCookies).toHaveLength(1)
    expect((await sessions.list('ada')).map(({ generation }) => generation)).toEqual([1])
  })

  it.each([
    ['before anything was stored', false, ['regenerate', 'set']],
    ['twice in a row', true, ['regenerate', 'regenerate']],
    ['after a write', true, ['set', 'regenerate']],
    ['before a write', true, ['regenerate', 'set']],
    ['between writes, with a sign-in', true, ['set', 'regenerate', 'signIn', 'set']],
  ] as const)(
    '%s leaves one live record, one cookie and one live token [E4, B10]',
    async (_, stored, steps) => {
      const { visit, kept } = site()
      const first = stored ? (await visit(null, cart)).cookie : null
      const { cookie, setCookies } = await visit(first, (session) => {
        for (const step of steps) {
          if (step === 'set') session.set('n', Math.random())
          else if (step === 'regenerate') session.regenerate()
          else session.signIn('ada', { method: 'password' })
        }
      })
      expect(setCookies).toHaveLength(1)
      expect(await kept()).toBe(1)
      await visit(cookie, (session) => expect(session.id).not.toBeNull())
      if (first) await visit(first, (session) => expect(session.id).toBeNull())
    },
  )

  it('of a visitor who stores nothing does nothing', async () => {
    const { visit, calls } = site()
    expect((await visit(null, (session) => session.regenerate())).setCookies).toEqual([])
    expect(calls()).toEqual([])
  })

  it('with a forged token touches nothing in the store [E6]', async () => {
    const { visit, calls } = site()
    const forged = `__Host-id=${'A'.repeat(32)}.0.${'A'.repeat(43)}`
    const { setCookies } = await visit(forged, (session) => {
      session.regenerate()
      session.set('a', 1)
    })
    expect(calls()).toEqual(['create'])
    expect(setCookies[0]).not.toContain('A'.repeat(32))
  })

  it('that the store fails to write sends no token, and the old one lives on [E3]', async () => {
    let down = false
    const { visit } = site({
      wrapStore: (store) => ({
        ...store,
        update: (record, until) => {
          if (down) throw new Error('connection lost')
          return store.update(record, until)
        },
      }),
    })
    const { cookie } = await visit(null, cart)
    down = true
    await expect(visit(cookie, (session) => session.regenerate())).rejects.toBeInstanceOf(
      SessionError,
    )
    down = false
    await visit(cookie, (session) => expect(session.get('cart')).toEqual(['lamp']))
  })
})
