import { describe, expect, it } from 'vitest'
import { createSessions, memoryStore } from '../src/index.ts'
import { request, SECRET, site } from './site.ts'

describe('loading and creating', () => {
  it('asks no store and sets no cookie for a visitor who stores nothing [A1]', async () => {
    const { visit, calls } = site()
    const { response, setCookies } = await visit(null)
    expect(setCookies).toEqual([])
    expect(calls()).toEqual([])
    expect([...response.headers.keys()]).not.toContain('cache-control')
  })

  it('creates no record for a visitor who only reads [A2]', async () => {
    const { visit, calls } = site()
    const { setCookies } = await visit(null, (session) => {
      expect(session.get('cart')).toBeUndefined()
      expect(session.has('cart')).toBe(false)
      expect(session.data).toEqual({})
      expect(session.id).toBeNull()
      expect(session.deadlines).toBeNull()
    })
    expect(setCookies).toEqual([])
    expect(calls()).toEqual([])
  })

  it('stores once and sets one cookie when a new visitor stores something [A3]', async () => {
    const { visit, calls, happened } = site()
    const { setCookies, cookie } = await visit(null, (session) => session.set('cart', ['lamp']))
    expect(setCookies).toHaveLength(1)
    expect(calls()).toEqual(['create'])
    expect(happened()).toEqual(['created'])
    await visit(cookie, (session) => expect(session.get('cart')).toEqual(['lamp']))
  })

  it('has the record in the store before there is a response to send [A3, H1]', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { sessions, kept } = site({
      wrapStore: (store) => ({
        ...store,
        create: async (record, expiresAt) => {
          await gate
          return store.create(record, expiresAt)
        },
      }),
    })
    const session = await sessions.open(request(null))
    session.set('cart', [])
    let answered = false
    const committing = sessions.commit(session, new Response('ok')).then(async () => {
      answered = true
      expect(await kept()).toBe(1)
    })
    await new Promise((resolve) => setTimeout(resolve))
    expect(answered).toBe(false)
    release()
    await committing
  })

  it('reads a live session without a write and without a cookie [A4]', async () => {
    const { visit, calls } = site()
    const { cookie } = await visit(null, (session) => session.set('cart', ['lamp']))
    calls()
    const { setCookies } = await visit(cookie, (session) => {
      expect(session.get('cart')).toEqual(['lamp'])
    })
    expect(setCookies).toEqual([])
    expect(calls()).toEqual(['read'])
  })

  it('changes a live session under the same id, with one write and no cookie [A5]', async () => {
    const { visit, calls } = site()
    let id: string | null = null
    const { cookie } = await visit(null, (session) => session.set('cart', ['lamp']))
    await visit(cookie, (session) => {
      id = session.id
    })
    calls()
    const { setCookies } = await visit(cookie, (session) => {
      session.set('cart', []).set('seen', true)
      expect(session.id).toBe(id)
    })
    expect(setCookies).toEqual([])
    expect(calls()).toEqual(['read', 'update'])
  })

  it('never adopts an id that the store does not have: a write gets a fresh one [A6]', async () => {
    const one = site()
    const two = site()
    const { cookie } = await one.visit(null, (session) => session.set('a', 1))
    const { cookie: fresh } = await two.visit(cookie, (session) => session.set('b', 2))
    expect(fresh).not.toBe(cookie)
    expect(fresh?.slice(0, 42)).not.toBe(cookie?.slice(0, 42))
    expect(two.calls()).toEqual(['read', 'create'])
    expect(two.happened()).toEqual(['rejected', 'created'])
  })

  it('is silent about a dead cookie when nothing is stored [A7, A8]', async () => {
    const one = site()
    const two = site()
    const { cookie } = await one.visit(null, (session) => session.set('a', 1))
    expect((await two.visit(cookie)).setCookies).toEqual([])
    expect((await two.visit(null)).setCookies).toEqual([])
  })

  it.each([
    ['empty', ''],
    ['no token', 'hello'],
    ['cut short', 'x'.repeat(31)],
    ['a lone dot', '.'],
    ['too long', 'A'.repeat(1e5)],
    ['quoted', '"AAAA"'],
    ['a generation with a leading zero', `${'A'.repeat(32)}.00.${'A'.repeat(43)}`],
    ['a negative generation', `${'A'.repeat(32)}.-1.${'A'.repeat(43)}`],
    ['a MAC that is not ours', `${'A'.repeat(32)}.0.${'A'.repeat(43)}`],
  ])('does not ask the store about a malformed cookie: %s [A10]', async (_, value) => {
    const { visit, calls, events } = site()
    await visit(`__Host-id=${value}`, (session) => expect(session.subject).toBeNull())
    expect(calls()).toEqual([])
    expect(events).toEqual([expect.objectContaining({ type: 'rejected', id: null, subject: null })])
  })

  it('draws ids of 192 random bits: 100 000 without a collision or a shared prefix [A11]', async () => {
    const { randomText } = await import('../src/random.ts')
    const seen = new Set<string>()
    const first = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const text = randomText()
      seen.add(text)
      first.add(text.slice(0, 1))
      if (!/^[\w-]{32}$/.test(text)) expect.fail(text)
    }
    expect(seen.size).toBe(100_000)
    expect(first.size).toBe(64)
  })

  it('draws again when the store says that an id is taken, and never overwrites [A12]', async () => {
    let taken = 2
    const { visit, calls } = site({
      wrapStore: (store) => ({
        ...store,
        create: (record, expiresAt) => (taken-- > 0 ? false : store.create(record, expiresAt)),
      }),
    })
    const { setCookies } = await visit(null, (session) => session.set('a', 1))
    expect(setCookies).toHaveLength(1)
    expect(calls()).toEqual(['create', 'create', 'create'])
    taken = 99
    await expect(visit(null, (session) => session.set('a', 1))).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
    })
  })

  it('gives the handler no way to choose the id, the subject or the generation [A13]', async () => {
    const { visit } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    await visit(cookie, (session) => {
      for (const name of ['id', 'subject', 'generation', 'deadlines', 'data']) {
        expect(() => Object.assign(session, { [name]: 'x' })).toThrow(TypeError)
      }
    })
  })

  it('gives two first requests at once two sessions [A14]', async () => {
    const { visit } = site()
    const visits = await Promise.all(
      [1, 2].map((n) => visit(null, (session) => session.set('n', n))),
    )
    expect(new Set(visits.map(({ cookie }) => cookie)).size).toBe(2)
    for (const [index, { cookie }] of visits.entries()) {
      await visit(cookie, (session) => expect(session.get('n')).toBe(index + 1))
    }
  })

  it('keeps data under any name, and no name breaks a method [A15]', async () => {
    const { visit } = site()
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'id']
    names.push('get', 'set', 'data', 'subject', 'save', 'destroy', 'cookie', '', '\u0000', '日本')
    const { cookie } = await visit(null, (session) => {
      for (const name of names) {
        expect(session.has(name)).toBe(false)
        expect(session.get(name)).toBeUndefined()
        session.set(name, { [name]: name })
      }
    })
    const { cookie: same } = await visit(cookie, (session) => {
      for (const name of names) expect(session.get(name)).toHaveProperty([name], name)
      expect(Object.keys(session.data).sort()).toEqual([...names].sort())
      expect(session.delete('__proto__')).toBe(true)
      expect(session.has('__proto__')).toBe(false)
    })
    expect(same).toBe(cookie)
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  it('shows the application its own data and nothing else [A16]', async () => {
    const { visit } = site()
    await visit(null, (session) => {
      session.set('cart', ['lamp'])
      expect(Object.entries(session.data)).toEqual([['cart', ['lamp']]])
      expect(Object.keys(session)).toEqual([])
      expect(JSON.stringify(session)).toBe('{}')
    })
  })

  it('asks the store once however often a wrapped handler opens the session [A17, A18]', async () => {
    const { sessions, visit, calls } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    calls()
    const fetch = sessions.wrap(async (_, open) => {
      const [one, two] = await Promise.all([open(), open()])
      expect(one).toBe(two)
      expect(await open()).toBe(one)
      for (let i = 0; i < 10; i++) one.get('a')
      return new Response('ok')
    })
    await fetch(request(cookie))
    expect(calls()).toEqual(['read'])
  })

  it('costs a wrapped handler that never opens the session nothing, not even a header', async () => {
    const { sessions, visit, calls } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    calls()
    const sent = new Response('ok')
    const response = await sessions.wrap(() => sent)(request(cookie))
    expect(response).toBe(sent)
    expect([...response.headers.keys()]).toEqual(['content-type'])
    expect(calls()).toEqual([])
  })

  it('needs a secret where the store outlives the process [C1]', () => {
    const { secret: _, ...store } = memoryStore()
    expect(() => createSessions({ store })).toThrow(/"secret"/)
    expect(() => createSessions({ store, secret: [] })).toThrow(/"secret"/)
    expect(() => createSessions({ store, secret: SECRET })).not.toThrow()
    expect(() => createSessions({ store: memoryStore() })).not.toThrow()
  })
})
