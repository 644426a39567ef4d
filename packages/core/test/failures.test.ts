import { afterEach, describe, expect, it, vi } from 'vitest'
import { type AnyStore, SessionError, type SessionRecord } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { request, site } from './site.ts'

afterEach(() => {
  vi.useRealTimers()
})

type Verb = 'read' | 'create' | 'update' | 'touch' | 'delete'

function failing(verb: Verb, fail: () => never | Promise<never>) {
  const state = { down: false }
  const failed = Promise.withResolvers<void>()
  const wrapStore = (store: AnyStore): AnyStore => ({
    ...store,
    [verb]: (...args: never[]) => {
      if (!state.down) return (store[verb] as (...args: never[]) => unknown)(...args)
      failed.resolve()
      return fail()
    },
  })
  /** `asked`: resolves when the store was asked for what it fails at. */
  return { state, wrapStore, asked: failed.promise }
}

const reject = (): Promise<never> => Promise.reject(new Error('connection lost'))
const throws = (): never => {
  throw new Error('connection lost')
}

describe.each([
  ['rejects', reject],
  ['throws at once', throws],
])('a store that %s', (_, fail) => {
  it('on read is a SessionError, and never a new session in place of the old', async () => {
    const { state, wrapStore } = failing('read', fail)
    const { begin, visit, events } = site({ wrapStore })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    state.down = true
    await expect(begin(cookie)).rejects.toBeInstanceOf(SessionError)
    await expect(begin(cookie)).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
      cause: new Error('connection lost'),
    })
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: 'read' })
    state.down = false
    await visit(cookie, (session) => expect(session.get('a')).toBe(1))
  })

  it.each(['create', 'update'] as const)('on %s is a SessionError, and no cookie', async (verb) => {
    const { state, wrapStore } = failing(verb, fail)
    const { begin, visit } = site({ wrapStore })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    state.down = true
    const { session, commit } = await begin(verb === 'create' ? null : cookie)
    session.set('a', 2)
    session.regenerate()
    const response = new Response('ok')
    await expect(commit(response)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect([...response.headers.keys()]).toEqual(['content-type'])
    state.down = false
    await visit(cookie, (session) => expect(session.get('a')).toBe(1))
  })
})

describe('a store whose promises are of its own kind, as those of remote calls are', () => {
  const remote = (settle: (resolve: unknown, reject: (error: Error) => void) => void) =>
    // biome-ignore lint/suspicious/noThenProperty: that it is only thenable is what is tested
    ({ then: settle }) as unknown as Promise<never>

  it('gets a SessionError and an event for what it rejects with', async () => {
    const { state, wrapStore } = failing('read', () => remote((_, no) => no(new Error('gone'))))
    const { begin, visit, events } = site({ wrapStore })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    state.down = true
    await expect(begin(cookie)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: 'read' })
  })

  it('has a time limit too', async () => {
    const { state, wrapStore, asked } = failing('read', () => remote(() => {}))
    const { begin, visit } = site({ wrapStore, storeTimeout: 1 })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    state.down = true
    vi.useFakeTimers()
    const opening = begin(cookie).catch((error: unknown) => error)
    await asked
    await vi.advanceTimersByTimeAsync(1000)
    expect(await opening).toMatchObject({ code: 'ERR_SESSION_TIMEOUT' })
  })
})

describe('a store whose answer is none', () => {
  /** Does what it is asked, and then answers this. */
  function answering(verb: 'create' | 'update' | 'list', answer: unknown) {
    return site<{ count: number }>({
      wrapStore: (store) =>
        faultyStore(store, (call) =>
          call.verb === verb ? { kind: 'garbage', when: 'after', answer } : null,
        ),
    })
  }

  it.each([undefined, 'OK'])(
    'to an update is a SessionError, and nothing is done twice: %s',
    async (answer) => {
      const { visit, store, sessions } = answering('update', answer)
      const { cookie } = await visit(null, (session) => session.set('count', 1))
      const again = visit(cookie, (session) => session.update('count', (n = 0) => n + 1))
      await expect(again).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
      const session = await sessions.open(request(cookie))
      expect(session.get('count')).toBe(2)
      expect(await store.read(session.id ?? '')).toMatchObject({ version: 2 })
    },
  )

  it('to a create is a SessionError, and no cookie', async () => {
    const { begin } = answering('create', undefined)
    const { session, commit } = await begin(null)
    session.set('count', 1)
    const response = new Response('ok')
    await expect(commit(response)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it.each([undefined, null, 'OK', {}])('to a list is a SessionError: %s', async (answer) => {
    const { sessions } = answering('list', answer)
    await expect(sessions.list('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    await expect(sessions.revokeAll('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
  })

  it('to whether there is another page ends the list', async () => {
    const { sessions, calls } = answering('list', { records: [] })
    expect(await sessions.list('ada')).toEqual([])
    expect(calls()).toEqual(['list'])
  })
})

describe('a store that can only be read', () => {
  it.each([
    ['moves the deadline of a persistent session', { persistent: { idleTimeout: 1000 } }],
    ['renews a token', { renewalTimeout: 100 }],
  ])('fails no request that changes nothing but %s', async (_, options) => {
    const { state, wrapStore } = failing('update', reject)
    const { visit, clock, events } = site({ ...options, wrapStore })
    const { cookie } = await visit(null, (session) => {
      session.set('a', 1)
      session.remember()
    })
    clock.advance(150)
    state.down = true
    const { response, setCookies } = await visit(cookie, (session) => {
      expect(session.get('a')).toBe(1)
    })
    expect(await response.text()).toBe('ok')
    expect(setCookies).toEqual([])
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: 'update' })
  })
})

describe('a store that never answers', () => {
  it.each([
    ['read', 5],
    ['update', 2],
  ] as const)('to %s is a SessionError after the time limit', async (verb, storeTimeout) => {
    const { state, wrapStore, asked } = failing(verb, () => new Promise<never>(() => {}))
    const { begin, visit, events } = site({ wrapStore, storeTimeout })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    // A store that is asked over a wire answers in real time: what is not to fail is done before.
    const opened = verb === 'read' ? null : await begin(cookie)
    state.down = true
    vi.useFakeTimers()
    let error: unknown
    async function change(): Promise<void> {
      const { session, commit } = opened ?? (await begin(cookie))
      session.set('a', 2)
      await commit()
    }
    const visiting = change().catch((reason: unknown) => {
      error = reason
    })
    await asked
    await vi.advanceTimersByTimeAsync(storeTimeout * 1000 - 1)
    expect(error).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await visiting
    expect(error).toMatchObject({ code: 'ERR_SESSION_TIMEOUT' })
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: verb })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('and then does is ignored, its late rejection too', async () => {
    let late: (error: Error) => void = () => {}
    const hang = (): Promise<never> => new Promise((_, no) => (late = no))
    const { state, wrapStore, asked } = failing('read', hang)
    const { begin, visit } = site({ wrapStore, storeTimeout: 1 })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    state.down = true
    vi.useFakeTimers()
    const opening = begin(cookie).catch((error: unknown) => error)
    await asked
    await vi.advanceTimersByTimeAsync(1000)
    expect(await opening).toMatchObject({ code: 'ERR_SESSION_TIMEOUT' })
    late(new Error('too late'))
    await vi.advanceTimersByTimeAsync(1)
  })

  it('leaves no timer behind when it answers in time', async () => {
    vi.useFakeTimers()
    const { visit } = site({
      wrapStore: (store) => ({ ...store, read: async (id) => store.read(id) }),
    })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    await visit(cookie, (session) => expect(session.get('a')).toBe(1))
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a record', () => {
  function holding(change: (record: SessionRecord) => unknown) {
    return site({
      wrapStore: (store) => ({
        ...store,
        read: async (id) => {
          const record = await store.read(id)
          return record && (change(record) as SessionRecord)
        },
      }),
    })
  }

  it('of a newer format is refused by name and left as it is', async () => {
    const { begin, visit, calls } = holding((record) => ({ ...record, format: 2 }))
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    calls()
    await expect(begin(cookie)).rejects.toMatchObject({
      code: 'ERR_SESSION_FORMAT',
      message: expect.stringContaining('format 2'),
    })
    expect(calls()).toEqual(['read'])
  })

  it.each([
    ['no object', () => 'text'],
    ['another’s', (record: SessionRecord) => ({ ...record, id: 'x'.repeat(32) })],
    ['without a format', ({ format: _, ...record }: SessionRecord) => record],
    ['with a version that is no number', (record: SessionRecord) => ({ ...record, version: '1' })],
    ['without the time it was last seen', ({ lastSeenAt: _, ...record }: SessionRecord) => record],
    ['with an endless time', (record: SessionRecord) => ({ ...record, startedAt: Infinity })],
    ['without data', (record: SessionRecord) => ({ ...record, data: null })],
    [
      'with a version that cannot be added to',
      (record: SessionRecord) => ({ ...record, version: 1n }),
    ],
    ['without a subject, not even null', ({ subject: _, ...record }: SessionRecord) => record],
  ])('that cannot be read is reported, and the session is a fresh one: %s', async (_, change) => {
    const { visit, events, calls } = holding(change)
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    calls()
    const { cookie: fresh } = await visit(cookie, (session) => {
      expect(session.data).toEqual({})
      session.set('b', 2)
    })
    expect(fresh).not.toBe(cookie)
    expect(calls()).toEqual(['read', 'create'])
    expect(events.at(-2)).toMatchObject({ type: 'rejected', reason: 'unreadable' })
  })

  it('of a newer format can still be revoked', async () => {
    const { sessions, visit } = holding((record) => ({ ...record, format: 2 }))
    await visit(null, (session) => session.signIn('ada', { method: 'test' }))
    const [info] = await sessions.list('ada')
    expect(await sessions.revoke(info?.id ?? '', { subject: 'ada' })).toBe(true)
  })
})

describe('events', () => {
  it('never hold a token, nor does an error, whatever happens', async () => {
    const { visit, events, clock, sessions } = site({ renewalTimeout: 300 })
    const cookies: (string | null)[] = []
    const errors: unknown[] = []
    let { cookie } = await visit(null, (session) => session.set('a', 1))
    for (const use of ['signIn', 'regenerate', 'renew', 'replay', 'forge', 'revoke'] as const) {
      cookies.push(cookie)
      clock.advance(301)
      const presented =
        use === 'replay' ? (cookies[0] ?? null) : use === 'forge' ? `${cookie}x` : cookie
      const visited = await visit(presented, async (session) => {
        if (use === 'signIn') session.signIn('ada', { method: 'password' })
        if (use === 'regenerate') session.regenerate()
        if (use === 'revoke') await session.revoke()
      }).catch((error: unknown) => void errors.push(error))
      if (presented === cookie && visited?.cookie) cookie = visited.cookie
    }
    await visit(cookie)
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        'created',
        'signed-in',
        'regenerated',
        'renewed',
        'replayed',
        'rejected',
        'revoked',
      ]),
    )
    const told = JSON.stringify([events, await sessions.list('ada'), errors.map(String)])
    for (const token of cookies) {
      const [random = '', , mac = ''] = (token ?? '').replace('__Host-id=', '').split('.')
      expect(random).toHaveLength(32)
      expect(told).not.toContain(random)
      expect(told).not.toContain(mac)
    }
  })

  it('tell when, whose and which session, and what follows from their type', async () => {
    const { visit, events, clock } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'passkey' }))
    await visit(cookie, (session) => session.revoke())
    const [created] = events
    const about = { at: clock(), id: created?.id, subject: 'ada' }
    expect(events).toEqual([
      { type: 'created', ...about },
      { type: 'signed-in', ...about, method: 'passkey', generation: 0 },
      { type: 'revoked', ...about },
    ])
  })

  it('whose listener throws on a renewal fail the request too', async () => {
    const { visit, clock } = site({
      renewalTimeout: 300,
      onEvent({ type }) {
        if (type === 'renewed') throw new Error('no log')
      },
    })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    clock.advance(300)
    await expect(visit(cookie)).rejects.toThrow('no log')
  })

  it('whose listener throws fail the request they were told on', async () => {
    const { visit } = site({
      onEvent: () => {
        throw new Error('no log')
      },
    })
    await expect(visit(null, (session) => session.set('a', 1))).rejects.toThrow('no log')
  })
})

describe('a store that lacks a verb', () => {
  it.each(['read', 'create', 'delete'] as const)('%s fails and is reported', async (verb) => {
    const good = site()
    const { cookie } = await good.visit(null, (session) => session.set('a', 1))
    const store = { ...good.store, [verb]: undefined } as unknown as AnyStore
    const { begin, events } = site({ store, clock: good.clock })
    const visit = async () => {
      const { session, commit } = await begin(verb === 'create' ? null : cookie)
      session.set('a', 2)
      if (verb === 'delete') await session.revoke()
      await commit()
    }
    await expect(visit()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', operation: verb })
  })
})
