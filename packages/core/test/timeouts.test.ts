import { describe, expect, it } from 'vitest'
import { createSessions, memoryStore, type SessionEvent } from '../src/index.ts'
import { site } from './site.ts'

const start = (session: { set(key: string, value: number): unknown }): unknown =>
  session.set('a', 1)

describe('the idle timeout', () => {
  it('keeps a session that is used, and loses it in a gap that is longer [D1]', async () => {
    const { visit, clock } = site({ idleTimeout: 1000 })
    const { cookie } = await visit(null, start)
    clock.advance(500)
    await visit(cookie, (session) => expect(session.get('a')).toBe(1))
    clock.advance(750)
    await visit(cookie, (session) => expect(session.get('a')).toBe(1))
    clock.advance(1001)
    await visit(cookie, (session) => expect(session.get('a')).toBeUndefined())
  })

  it('moves by a touch, which rewrites no data and sets no cookie [D4, D7]', async () => {
    const { begin, visit, clock, calls, happened, sessions } = site({ idleTimeout: 1000 })
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'test' }))
    const [before] = await sessions.list('ada')
    clock.advance(100)
    calls()
    happened()
    const { session, commit } = await begin(cookie)
    const { setCookies } = await commit()
    expect(setCookies).toEqual([])
    expect(calls()).toEqual(['read', 'touch'])
    expect(happened()).toEqual(['touched'])
    expect(session.deadlines?.idle).toBe(clock() + 1000_000)
    const [after] = await sessions.list('ada')
    expect(after).toMatchObject({ version: before?.version, data: before?.data })
    expect(after?.deadlines.idle).toBe((before?.deadlines.idle ?? 0) + 100_000)
  })

  it('costs at most one touch in a tenth of itself, however many requests come [D6]', async () => {
    const { visit, clock, calls } = site({ idleTimeout: 1000 })
    const { cookie } = await visit(null, start)
    calls()
    for (let second = 1; second <= 1000; second++) {
      clock.advance(1)
      await visit(cookie)
    }
    expect(calls().filter((verb) => verb === 'touch')).toHaveLength(10)
  })

  it('ends no session before nine tenths of it have passed since its last use, and none after all have [D6]', async () => {
    for (const [gap, alive] of [
      [900, true],
      [1000, false],
    ] as const) {
      const { visit, clock } = site({ idleTimeout: 1000 })
      const { cookie } = await visit(null, start)
      clock.advance(99)
      await visit(cookie)
      clock.advance(gap)
      await visit(cookie, (session) => expect(session.has('a')).toBe(alive))
    }
  })

  it('that would touch more often than the store allows is a TypeError that names it', async () => {
    const store = { ...memoryStore(), leastTouchInterval: 60_000 }
    const secret = 'x'.repeat(32)
    expect(() => createSessions({ store, secret, idleTimeout: 599 })).toThrow(
      new TypeError('"idleTimeout" must be whole seconds from 600, got 599'),
    )
    expect(() => createSessions({ store, secret, persistent: { idleTimeout: 599 } })).toThrow(
      /^"persistent.idleTimeout" must be .+ from 600, got 599$/,
    )
    createSessions({ store, secret, idleTimeout: 600, persistent: { idleTimeout: 600 } })
  })

  it('is counted from when the head leaves, not from when the request came [D9]', async () => {
    const { begin, clock, sessions } = site({ idleTimeout: 1000 })
    const slow = await begin(null)
    slow.session.signIn('ada', { method: 'test' })
    clock.advance(300)
    await slow.commit()
    const [info] = await sessions.list('ada')
    expect(info?.deadlines.idle).toBe(clock() + 1000_000)
  })
})

describe('a touch', () => {
  it('never brings back what was removed meanwhile, and sets no cookie [D5]', async () => {
    const { begin, visit, clock, sessions, calls } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'test' }))
    clock.advance(600)
    const reader = await begin(cookie)
    await sessions.revokeAll('ada')
    calls()
    const { setCookies } = await reader.commit()
    expect(calls()).toEqual(['touch'])
    expect(setCookies).toEqual([])
    expect(await sessions.list('ada')).toEqual([])
  })

  it('that fails is reported, and the response is none the worse', async () => {
    const { visit, clock, events } = site({
      wrapStore: (store) => ({
        ...store,
        touch: () => {
          throw new Error('disk full')
        },
      }),
    })
    const { cookie } = await visit(null, start)
    clock.advance(600)
    const { response } = await visit(cookie)
    expect(await response.text()).toBe('ok')
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: 'touch' })
  })
})

describe('the absolute timeout', () => {
  it('ends a session however much it is used [D2]', async () => {
    const { visit, clock, happened, events } = site({ idleTimeout: 100, absoluteTimeout: 1000 })
    const { cookie } = await visit(null, start)
    for (let second = 90; second < 1000; second += 90) {
      clock.advance(90)
      await visit(cookie, (session) => expect(session.has('a')).toBe(true))
    }
    clock.advance(10)
    happened()
    await visit(cookie, (session) => expect(session.has('a')).toBe(false))
    expect(happened()).toEqual(['expired'])
    expect(events.at(-1)).toMatchObject({ timeout: 'absolute' })
  })

  it('begins again at sign-in and at re-authentication, and not at a plain regeneration [E7]', async () => {
    const { visit, clock, sessions } = site()
    const startedAt = async () => (await sessions.list('ada'))[0]?.startedAt
    let { cookie } = await visit(null, start)
    clock.advance(10)
    ;({ cookie } = await visit(cookie, (session) => session.signIn('ada', { method: 'password' })))
    expect(await startedAt()).toBe(clock())
    clock.advance(10)
    const before = await startedAt()
    ;({ cookie } = await visit(cookie, (session) => session.regenerate()))
    expect(await startedAt()).toBe(before)
    clock.advance(10)
    await visit(cookie, (session) => session.reauthenticate({ method: 'totp' }))
    expect(await startedAt()).toBe(clock())
  })
})

describe('a persistent session', () => {
  const persistent = { idleTimeout: 10_000, absoluteTimeout: 50_000 }

  it('of a visitor who stores nothing is not stored either, and sets no cookie [D8]', async () => {
    const { visit, calls } = site({ persistent })
    expect((await visit(null, (session) => session.remember())).setCookies).toEqual([])
    expect(calls()).toEqual([])
  })

  it('has a cookie that ends with the earlier deadline [D3, D10]', async () => {
    const { visit } = site({ persistent })
    const { setCookies } = await visit(null, (session) => {
      session.signIn('ada', { method: 'password', persistent: true })
      expect(session.persistent).toBe(true)
    })
    expect(setCookies[0]).toMatch(/; Max-Age=10000$/)
    const short = site({ persistent: { idleTimeout: 10_000, absoluteTimeout: 300 } })
    const { setCookies: cut } = await short.visit(null, (session) => {
      session.set('a', 1)
      session.remember()
    })
    expect(cut[0]).toMatch(/; Max-Age=300$/)
  })

  it('moves its cookie with its idle deadline, once per tenth, never past the absolute one [D7]', async () => {
    const { visit, clock, calls } = site({ persistent })
    const { cookie } = await visit(null, (session) => {
      session.set('a', 1)
      session.remember()
    })
    clock.advance(999)
    expect((await visit(cookie)).setCookies).toEqual([])
    clock.advance(1)
    calls()
    const { setCookies, cookie: same } = await visit(cookie)
    expect(setCookies[0]).toMatch(/; Max-Age=10000$/)
    expect(same).toBe(cookie)
    expect(calls()).toEqual(['read', 'update'])
    for (let i = 0; i < 5; i++) {
      clock.advance(8999)
      await visit(cookie)
    }
    clock.advance(1000)
    expect((await visit(cookie)).setCookies[0]).toMatch(/; Max-Age=3005$/)
  })

  it('that is written to all the time moves its cookie all the same [D3]', async () => {
    const { visit, clock } = site({ persistent: { idleTimeout: 1000, absoluteTimeout: 100_000 } })
    let { cookie } = await visit(null, (session) => {
      session.set('n', 0)
      session.remember()
    })
    let until = 1000
    for (let second = 50; second < 5000; second += 50) {
      clock.advance(50)
      expect(until).toBeGreaterThan(second)
      const visited = await visit(cookie, (session) => session.set('n', second))
      cookie = visited.cookie
      const [, age] = /Max-Age=(\d+)/.exec(visited.setCookies[0] ?? '') ?? []
      if (age) until = second + Number(age)
    }
  })

  it('is a browser session again when it is told so, in cookie and in record, and affects no other [D10, D12]', async () => {
    const { visit, clock } = site({ idleTimeout: 1000, persistent })
    const other = await visit(null, start)
    const { cookie } = await visit(null, (session) => {
      session.set('a', 1)
      session.remember()
    })
    expect(other.setCookies[0]).not.toMatch(/Max-Age/)
    clock.advance(900)
    const { setCookies } = await visit(cookie, (session) => session.remember(false))
    expect(setCookies[0]).not.toMatch(/Max-Age/)
    clock.advance(1001)
    await visit(cookie, (session) => expect(session.has('a')).toBe(false))
  })

  it('may live longer than 2^31 milliseconds [B15]', async () => {
    const { visit, clock } = site({
      persistent: { idleTimeout: 3_000_000, absoluteTimeout: 9_000_000 },
    })
    const { cookie, setCookies } = await visit(null, (session) => {
      session.set('a', 1)
      session.remember()
    })
    expect(setCookies[0]).toMatch(/; Max-Age=3000000$/)
    clock.advance(2_900_000)
    await visit(cookie, (session) => expect(session.has('a')).toBe(true))
  })

  it('refreshes no cookie whose session was revoked or whose token was replaced meanwhile', async () => {
    for (const meanwhile of ['revoke', 'regenerate'] as const) {
      const { begin, visit, clock } = site()
      const { cookie } = await visit(null, (session) => {
        session.set('a', 1)
        session.remember()
      })
      clock.advance(10 * 86_400)
      const slow = await begin(cookie)
      await visit(cookie, (session) => session[meanwhile]())
      expect((await slow.commit()).setCookies).toEqual([])
    }
  })
})

describe('renewal', () => {
  const options = { renewalTimeout: 300, renewalGrace: 30 }

  it('never happens unless it is asked for', async () => {
    const { visit, clock } = site({ idleTimeout: 80_000 })
    const { cookie } = await visit(null, start)
    clock.advance(79_000)
    expect((await visit(cookie)).setCookies).toEqual([])
  })

  it('replaces the token after its timeout; the id and the data stay', async () => {
    const { visit, clock, happened } = site(options)
    let id: string | null = null
    const { cookie } = await visit(null, start)
    clock.advance(299)
    expect((await visit(cookie)).setCookies).toEqual([])
    clock.advance(1)
    happened()
    const renewed = await visit(cookie, (session) => {
      id = session.id
    })
    expect(happened()).toEqual(['renewed'])
    expect(renewed.cookie).not.toBe(cookie)
    await visit(renewed.cookie, (session) => {
      expect(session.id).toBe(id)
      expect(session.get('a')).toBe(1)
      expect(session.generation).toBe(1)
    })
  })

  it('accepts the previous token within the grace, and hands out the current one again [E1]', async () => {
    const { visit, clock, events } = site(options)
    const { cookie } = await visit(null, start)
    clock.advance(300)
    const renewed = await visit(cookie)
    clock.advance(29)
    const late = await visit(cookie, (session) => session.set('b', 2))
    expect(late.cookie).toBe(renewed.cookie)
    expect(late.setCookies).toHaveLength(1)
    await visit(renewed.cookie, (session) => expect(session.data).toEqual({ a: 1, b: 2 }))
    expect(events.map(({ type }) => type)).not.toContain('replayed')
  })

  it('reports the previous token after the grace as a replay, and replaces it only when something is stored', async () => {
    const { visit, clock, events } = site(options)
    const { cookie } = await visit(null, start)
    clock.advance(300)
    const renewed = await visit(cookie)
    clock.advance(30)
    const late = await visit(cookie, (session) => expect(session.data).toEqual({}))
    expect(late.setCookies).toEqual([])
    expect(events.at(-1)).toMatchObject({
      type: 'replayed',
      generation: 0,
      age: 30_000,
      settling: false,
    })
    const fresh = await visit(cookie, (session) => session.set('b', 2))
    expect(fresh.setCookies).toHaveLength(1)
    await visit(renewed.cookie, (session) => expect(session.data).toEqual({ a: 1 }))
    await visit(fresh.cookie, (session) => expect(session.data).toEqual({ b: 2 }))
  })

  it('waits for a response that is no 304 [H9]', async () => {
    const { visit, clock } = site(options)
    const { cookie } = await visit(null, start)
    clock.advance(300)
    const unmodified = await visit(cookie, () => {}, new Response(null, { status: 304 }))
    expect(unmodified.setCookies).toEqual([])
    expect((await visit(cookie)).setCookies).toHaveLength(1)
  })
})

describe('a clock that goes back', () => {
  it('breaks no session that lives [D13]', async () => {
    const { visit, clock } = site()
    const { cookie } = await visit(null, start)
    clock.advance(-3600)
    const { setCookies } = await visit(cookie, (session) => session.set('b', 2))
    expect(setCookies).toEqual([])
    clock.advance(3600)
    await visit(cookie, (session) => expect(session.data).toEqual({ a: 1, b: 2 }))
  })
})

describe('a shortened timeout', () => {
  it('holds for sessions already out there, and is told apart from an unknown session', async () => {
    const long = site({ idleTimeout: 10_000 })
    const { cookie } = await long.visit(null, start)
    long.clock.advance(200)
    const events: SessionEvent[] = []
    const sessions = createSessions({
      store: long.store,
      clock: long.clock,
      secret: 'a secret of the application, 32 bytes or more',
      idleTimeout: 100,
      onEvent: (event) => void events.push(event),
    })
    const session = await sessions.open({ headers: { get: () => cookie } })
    expect(session.data).toEqual({})
    expect(events).toEqual([expect.objectContaining({ type: 'expired', timeout: 'idle' })])
  })
})

describe('options', () => {
  it.each(['idleTimeout', 'absoluteTimeout', 'renewalTimeout', 'renewalGrace', 'storeTimeout'])(
    'that are no whole number of seconds are a TypeError that names them: %s',
    (option) => {
      for (const value of [
        '30m',
        0,
        -1,
        1.5,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        null,
        2 ** 60,
      ]) {
        const options = { store: memoryStore(), [option]: value }
        expect(() => createSessions(options)).toThrow(TypeError)
        expect(() => createSessions(options)).toThrow(`"${option}" must be`)
        expect(() => createSessions(options)).toThrow(String(value))
      }
    },
  )

  it.each(['onEvent', 'clock'])('that are no function are a TypeError: %s', (option) => {
    const construct = () => createSessions({ store: memoryStore(), [option]: 'log' })
    expect(construct).toThrow(new TypeError(`"${option}" must be a function, got "log"`))
  })

  it('without a store are a TypeError', () => {
    expect(() => createSessions({ store: memoryStore } as never)).toThrow(/, got function$/)
    expect(() => createSessions({} as never)).toThrow(/"store" must be/)
    expect(() => createSessions({ store: {} } as never)).toThrow(/"store" must be/)
  })
})
