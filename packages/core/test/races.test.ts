import { describe, expect, it } from 'vitest'
import { crowd, users } from './crowd.ts'
import { pause, rounds, tried } from './rounds.ts'
import { site } from './site.ts'

describe('requests at the same moment', () => {
  it('of one live session all keep its token, and set no cookie [G4]', async () => {
    await rounds(200, async ({ visit, kept }) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const visits = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          visit(cookie, (session) => (i % 2 ? session.set(`k${i}`, i) : session.get('n'))),
        ),
      )
      for (const { setCookies } of visits) expect(setCookies).toEqual([])
      expect(await kept()).toBe(1)
    })
  })

  it('that only read, a hundred of them when a deadline and a token are due, write once and all succeed', async () => {
    await rounds(
      3,
      async ({ begin, visit, clock, calls, sessions }, round) => {
        const { cookie } = await visit(null, (session) => {
          session.signIn('ada', { method: 'test', persistent: round === 0 })
        })
        clock.advance(200_000)
        const [before] = await sessions.list('ada')
        const pending = await Promise.all(Array.from({ length: 100 }, () => begin(cookie)))
        calls()
        const visits = await Promise.all(pending.map(({ commit }) => commit()))
        expect(new Set(visits.map((visit) => visit.cookie)).size).toBe(1)
        expect(calls().filter((verb) => verb !== 'read').length).toBeLessThanOrEqual(100)
        const [after] = await sessions.list('ada')
        expect(after?.version).toBe((before?.version ?? 0) + 1)
      },
      { renewalTimeout: 300, idleTimeout: 1_000_000, absoluteTimeout: 2_000_000 },
    )
  })

  it('do not let one that only read write stale data back [G3]', async () => {
    await rounds(300, async ({ begin, visit, clock }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      clock.advance(600)
      const reader = await begin(cookie)
      await Promise.all([
        visit(cookie, (session) => session.set('n', 1)),
        pause(random).then(() => reader.commit()),
      ])
      await visit(cookie, (session) => expect(session.get('n')).toBe(1))
    })
  })
})

describe('log-out', () => {
  it(`wins over any write that was under way, in ${tried(1000)} interleavings [G1]`, async () => {
    await rounds(1000, async ({ visit, events, kept }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const [, ...writers] = await Promise.all([
        pause(random).then(() => visit(cookie, (session) => session.revoke())),
        ...[1, 2, 3].map(async (n) => {
          await pause(random)
          return visit(cookie, async (session) => {
            await pause(random)
            if (session.id !== null) session.update('n', (old = 0) => old + n)
          })
        }),
      ])
      expect(await kept()).toBe(0)
      await visit(cookie, (session) => expect(session.data).toEqual({}))
      for (const { setCookies } of writers) expect(setCookies).toEqual([])
      expect(events.filter(({ type }) => type === 'created')).toHaveLength(1)
    })
  })

  it('wins over touches, renewals and cookie refreshes that were under way', async () => {
    const options = { renewalTimeout: 300 }
    await rounds(
      500,
      async ({ visit, clock, kept }, round, random) => {
        const { cookie } = await visit(null, (session) => {
          session.set('n', 0)
          session.remember(round % 2 === 0)
        })
        clock.advance(round % 3 ? 200 : 400)
        await Promise.all([
          pause(random).then(() => visit(cookie, (session) => session.revoke())),
          ...[1, 2, 3].map(() => pause(random).then(() => visit(cookie))),
        ])
        expect(await kept()).toBe(0)
      },
      options,
    )
  })

  it('tells the request whose write was lost, by an event and by no cookie [G1]', async () => {
    const { begin, visit, events, calls } = site()
    const { cookie } = await visit(null, (session) => session.set('n', 0))
    const writer = await begin(cookie)
    writer.session.set('n', 1)
    await visit(cookie, (session) => session.revoke())
    calls()
    const { setCookies } = await writer.commit()
    expect(calls()).toEqual(['update'])
    expect(setCookies).toEqual([])
    expect(events.at(-1)).toMatchObject({ type: 'lost-write', reason: 'ended' })
    expect(writer.session.id).toBeNull()
  })

  it(`everywhere leaves exactly the one that is spared, in ${tried(300)} rounds of four sign-ins`, async () => {
    await rounds(300, async ({ begin, visit, sessions }, _, random) => {
      const visits = await Promise.all(
        Array.from({ length: 4 }, async () => {
          await pause(random)
          return visit(null, (session) => session.signIn('ada', { method: 'test' }))
        }),
      )
      const { session } = await begin(visits[2]?.cookie ?? null)
      expect(await sessions.revokeAll('ada', { except: session.id })).toBe(3)
      const subjects: unknown[] = []
      for (const { cookie } of visits) {
        await visit(cookie, (session) => subjects.push(session.subject))
      }
      expect(subjects).toEqual([null, null, 'ada', null])
    })
  })
})

describe('a sign-in', () => {
  it('is never written into by whoever holds the token from before it', async () => {
    const { begin, visit, events } = site()
    const { cookie: fixed } = await visit(null, (session) => session.set('n', 0))
    const attacker = await begin(fixed)
    attacker.session.set('redirect', 'https://evil.test')
    const { cookie } = await visit(fixed, (session) => session.signIn('ada', { method: 'test' }))
    const { setCookies } = await attacker.commit()
    expect(setCookies).toEqual([])
    expect(events.at(-1)).toMatchObject({ type: 'lost-write', reason: 'replaced' })
    await visit(cookie, (session) => expect(session.has('redirect')).toBe(false))
    expect(attacker.session.subject).toBeNull()
  })

  it('under which the session was revoked gets a session of its own, with nothing of the one that ended', async () => {
    const { begin, visit, sessions } = site()
    const { cookie } = await visit(null, (session) => session.set('n', 0))
    const slow = await begin(cookie)
    const { id } = slow.session
    slow.session.signIn('ada', { method: 'test' })
    slow.session.set('own', 1)
    await visit(cookie, (session) => session.revoke())
    const { cookie: fresh } = await slow.commit()
    await visit(fresh, (session) => {
      expect(session.subject).toBe('ada')
      expect(session.data).toEqual({ own: 1 })
      expect(session.id).not.toBe(id)
    })
    expect(await sessions.list('ada')).toHaveLength(1)
  })

  it('sets no cookie over its own for a request with the old token, until the grace is over', async () => {
    const { visit, clock, calls, happened } = site({ renewalGrace: 30 })
    const { cookie } = await visit(null, (session) => session.set('n', 0))
    await visit(cookie, (session) => session.signIn('ada', { method: 'test' }))
    clock.advance(29)
    calls()
    happened()
    expect((await visit(cookie, (session) => session.set('late', 1))).setCookies).toEqual([])
    expect(calls()).toEqual(['read'])
    expect(happened()).toEqual(['replayed', 'lost-write'])
    clock.advance(1)
    expect((await visit(cookie, (session) => session.set('later', 1))).setCookies).toHaveLength(1)
    expect(calls()).toEqual(['read', 'create'])
  })

  it('with the token that somebody else had replaced is not handed theirs', async () => {
    const { visit, clock } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'test' }))
    clock.advance(60)
    const thief = await visit(cookie, (session) => session.regenerate())
    clock.advance(5)
    const ada = await visit(cookie, (session) => session.signIn('ada', { method: 'test' }))
    expect(ada.cookie?.slice(0, 42)).not.toBe(thief.cookie?.slice(0, 42))
  })

  it('with a token two generations old is not handed what was proved since', async () => {
    const { visit, clock } = site()
    const { cookie } = await visit(null, (session) => session.set('n', 0))
    const victim = await visit(cookie, (session) => session.signIn('ada', { method: 'password' }))
    const stepped = await visit(victim.cookie, (session) => {
      session.reauthenticate({ method: 'totp' })
      session.set('mfa', 1)
    })
    clock.advance(20)
    const late = await visit(cookie, (session) => session.signIn('ada', { method: 'password' }))
    expect(late.cookie?.slice(0, 42)).not.toBe(stepped.cookie?.slice(0, 42))
    await visit(late.cookie, (session) => expect(session.has('mfa')).toBe(false))
    await visit(stepped.cookie, (session) => {
      expect(session.authentications.map(({ method }) => method)).toEqual(['password', 'totp'])
    })
  })

  it('again with the token from before it, by the same subject, is handed the good token', async () => {
    const { visit, clock } = site()
    const { cookie } = await visit(null, (session) => session.set('n', 0))
    const first = await visit(cookie, (session) => session.signIn('ada', { method: 'test' }))
    clock.advance(5)
    const again = await visit(cookie, (session) => session.signIn('ada', { method: 'test' }))
    expect(again.cookie).toBe(first.cookie)
    const other = await visit(cookie, (session) => session.signIn('grace', { method: 'test' }))
    expect(other.cookie?.slice(0, 42)).not.toBe(first.cookie?.slice(0, 42))
  })
})

describe('interleaved requests of many users', () => {
  it(`see each only their own data: ${20 * users} requests of ${users} [G6]`, async () => {
    await rounds(1, async (site, _, random) => {
      for (const [user, cookie] of (await crowd(site, random)).entries()) {
        await site.visit(cookie, (session) => expect(session.get('user')).toBe(user))
      }
    })
  })
})

describe('a conflict', () => {
  it('that never ends is ERR_SESSION_CONFLICT, and the client is told nothing', async () => {
    const { visit, happened } = site({
      wrapStore: (store) => ({ ...store, update: () => 'stale' }),
    })
    const { cookie } = await visit(null, (session) => session.set('n', 0))
    happened()
    await expect(visit(cookie, (session) => session.set('n', 1))).rejects.toMatchObject({
      code: 'ERR_SESSION_CONFLICT',
    })
    expect(new Set(happened())).toEqual(new Set(['conflict']))
  })

  it('runs update functions again on the newer value: once for the handler, then once for each write', async () => {
    const { begin, visit, happened } = site<{ n: number }>()
    const { cookie } = await visit(null, (session) => session.set('n', 1))
    const seen: (number | undefined)[] = []
    const slow = await begin(cookie)
    slow.session.update('n', (n = 0) => {
      seen.push(n)
      return n * 10
    })
    await visit(cookie, (session) => session.set('n', 5))
    happened()
    await slow.commit()
    expect(seen).toEqual([1, 1, 5])
    expect(happened()).toEqual(['conflict'])
    await visit(cookie, (session) => expect(session.get('n')).toBe(50))
  })
})
