import { describe, expect, it } from 'vitest'
import { crowd, users } from './crowd.ts'
import { pause, rounds, tried } from './rounds.ts'

// What asks for a store that compares and sets: of two writes at the same moment one must be told of the other.
describe('requests at the same moment', () => {
  it(`that change different keys both win, in ${tried(1000)} interleavings [G2]`, async () => {
    await rounds(1000, async ({ visit }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('start', 0))
      const keys = ['a', 'b', 'c']
      await Promise.all(
        keys.map(async (key, n) => {
          await pause(random)
          await visit(cookie, (session) => session.set(key, n))
        }),
      )
      await visit(cookie, (session) => {
        expect(session.data).toEqual({ start: 0, a: 0, b: 1, c: 2 })
      })
    })
  })

  it(`that count up all count, in ${tried(500)} interleavings of 8 [G2]`, async () => {
    await rounds(500, async ({ visit }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          await pause(random)
          await visit(cookie, (session) => session.update('n', (n = 0) => n + 1))
        }),
      )
      await visit(cookie, (session) => expect(session.get('n')).toBe(8))
    })
  })

  it('up to 60 on one session all write without a conflict reaching the handler', async () => {
    await rounds(5, async ({ begin, visit }) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const pending = await Promise.all(Array.from({ length: 60 }, () => begin(cookie)))
      await Promise.all(
        pending.map(({ session, commit }) => {
          session.update('n', (n = 0) => n + 1)
          return commit()
        }),
      )
      await visit(cookie, (session) => expect(session.get('n')).toBe(60))
    })
  })
})

describe('a sign-in', () => {
  it('makes what was under way with the old token anonymous: it neither writes nor sets a cookie [E5]', async () => {
    await rounds(1000, async ({ visit, kept }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const [signedIn, ...others] = await Promise.all([
        pause(random).then(() =>
          visit(cookie, (session) => session.signIn('ada', { method: 'test' })),
        ),
        ...[1, 2, 3].map(async (n) => {
          await pause(random)
          return visit(cookie, (session) => session.set(`k${n}`, n))
        }),
      ])
      expect(signedIn?.setCookies).toHaveLength(1)
      for (const { setCookies } of others) expect(setCookies).toEqual([])
      expect(await kept()).toBe(1)
      await visit(signedIn?.cookie ?? null, (session) => {
        expect(session.subject).toBe('ada')
        expect(session.get('n')).toBe(0)
      })
    })
  })

  it('twice at the same moment, by one subject, counts as one: both have the same token [G5]', async () => {
    await rounds(500, async ({ visit, kept, events }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const [one, two] = await Promise.all(
        ['a', 'b'].map(async (key) => {
          await pause(random)
          return visit(cookie, (session) => {
            session.signIn('ada', { method: 'test' })
            session.set(key, 1)
          })
        }),
      )
      expect(one?.cookie).toBe(two?.cookie)
      expect([one?.setCookies.length, two?.setCookies.length]).toEqual([1, 1])
      expect(await kept()).toBe(1)
      const signIns = events.filter((event) => event.type === 'signed-in')
      expect(signIns.map(({ generation }) => generation)).toEqual([1, 1])
      await visit(one?.cookie ?? null, (session) => {
        expect(session.subject).toBe('ada')
        expect(session.data).toEqual({ n: 0, a: 1, b: 1 })
        expect(session.generation).toBe(1)
      })
    })
  })

  it('by two subjects at the same moment gives two sessions, neither with the other’s data [G5]', async () => {
    await rounds(500, async ({ visit, sessions }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const visits = await Promise.all(
        ['ada', 'grace'].map(async (subject) => {
          await pause(random)
          return visit(cookie, (session) => {
            session.signIn(subject, { method: 'test' })
            session.set(`of ${subject}`, 1)
          })
        }),
      )
      for (const [i, subject] of ['ada', 'grace'].entries()) {
        const other = subject === 'ada' ? 'grace' : 'ada'
        await visit(visits[i]?.cookie ?? null, (session) => {
          expect(session.subject).toBe(subject)
          expect(session.has(`of ${other}`)).toBe(false)
        })
        expect(await sessions.list(subject)).toHaveLength(1)
      }
    })
  })
})

describe('regeneration by two requests', () => {
  it('has one winner; the other sets no cookie and writes nothing [G5]', async () => {
    await rounds(500, async ({ begin, visit, happened, kept }, _, random) => {
      const { cookie } = await visit(null, (session) => session.set('n', 0))
      const pending = await Promise.all([begin(cookie), begin(cookie)])
      happened()
      const visits = await Promise.all(
        pending.map(async ({ session, commit }, i) => {
          session.set(`k${i}`, 1)
          session.regenerate()
          await pause(random)
          return commit()
        }),
      )
      const winners = visits.filter(({ setCookies }) => setCookies.length)
      expect(winners).toHaveLength(1)
      expect(happened().filter((type) => type === 'lost-write')).toHaveLength(1)
      expect(await kept()).toBe(1)
      await visit(winners[0]?.cookie ?? null, (session) => {
        expect(session.generation).toBe(1)
        expect(Object.keys(session.data)).toHaveLength(2)
      })
    })
  })
})

describe('interleaved requests of many users', () => {
  it(`lose no change: ${20 * users} requests of ${users} [G2]`, async () => {
    await rounds(1, async (site, _, random) => {
      for (const cookie of await crowd(site, random)) {
        await site.visit(cookie, (session) => expect(session.get('visits')).toBe(20))
      }
    })
  })
})
