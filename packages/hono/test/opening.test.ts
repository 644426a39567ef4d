import { createSessions, memoryStore, type ReadOptions, type Session } from '@sojourn/core'
import { browser } from '@sojourn/core/testing'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { crowd, pause, users } from './crowd.ts'
import { cookieOf, sessionCookies, site, withCookie } from './site.ts'

interface Shop {
  cart: string[]
  visits: number
}

describe('c.var.session', () => {
  it('keeps what one request stored for the next [A3, A4]', async () => {
    const { sessions, clock, calls } = site<Shop>()
    const app = new Hono()
      .use(session(sessions))
      .get('/', async (c) => c.json((await c.var.session()).get('cart') ?? []))
      .post('/', async (c) => {
        ;(await c.var.session()).update('cart', (cart = []) => [...cart, 'tea'])
        return c.redirect('/', 303)
      })
    const { get, post, refused } = browser((request) => app.fetch(request), { clock })
    expect(await (await get('/')).json()).toEqual([])
    expect(calls()).toEqual([])
    await post('/')
    expect(calls()).toEqual(['create'])
    await post('/')
    expect(calls()).toEqual(['read', 'update'])
    expect(await (await get('/')).json()).toEqual(['tea', 'tea'])
    expect(calls()).toEqual(['read'])
    expect(refused).toEqual([])
  })

  it('asks the store once, however often and however much in parallel [A18]', async () => {
    const { sessions, calls } = site<Shop>()
    const seen = new Set<Session<Shop>>()
    const app = new Hono()
      .use(session(sessions))
      .use(async (c, next) => {
        seen.add(await c.var.session())
        await next()
        seen.add(await c.var.session())
      })
      .get('/', async (c) => {
        const { session } = c.var
        const all = await Promise.all([session(), session(), c.var.session(), c.get('session')()])
        for (const one of all) seen.add(one)
        all[0].update('visits', (n = 0) => n + 1)
        return c.text(`${all[0].get('visits')}`)
      })
    const cookie = cookieOf(await app.request('/'))
    calls()
    seen.clear()
    expect(await (await app.request('/', withCookie(cookie))).text()).toBe('2')
    expect(calls()).toEqual(['read', 'update'])
    expect(seen.size).toBe(1)
  })

  it('may be asked for past the caches of the store, first and then again', async () => {
    const reads: unknown[] = []
    const memory = memoryStore()
    const store = {
      ...memory,
      read(id: string, options?: ReadOptions) {
        reads.push(options)
        return memory.read(id)
      },
    }
    const app = new Hono()
      .use(session(createSessions<Shop>({ store, secret: 'x'.repeat(32) })))
      .get('/', async (c) => {
        const first = await c.var.session({ authoritative: true })
        expect(await c.var.session()).toBe(first)
        expect(await c.var.session({ authoritative: true })).toBe(first)
        first.update('visits', (n = 0) => n + 1)
        return c.text('ok')
      })
    await app.request('/', withCookie(cookieOf(await app.request('/'))))
    expect(reads).toEqual([{ authoritative: true }])
  })

  it('that was opened otherwise is a TypeError when it must be authoritative later', async () => {
    const app = new Hono()
      .use(session(site<Shop>().sessions))
      .use(async (c, next) => {
        await c.var.session()
        await next()
      })
      .get('/', async (c) => c.text((await c.var.session({ authoritative: true })).id ?? ''))
      .onError((error, c) => c.text(String(error), 500))
    expect(await (await app.request('/')).text()).toBe(
      'TypeError: "authoritative" must come first, and c.var.session() was called before',
    )
  })

  it('is the same session for a middleware before the handler and one after it', async () => {
    const { sessions, calls, after } = site<Shop>()
    const app = new Hono()
      .use(session(sessions))
      .use(async (c, next) => {
        ;(await c.var.session()).set('visits', 1)
        await next()
        ;(await c.var.session()).update('visits', (n = 0) => n + 1)
      })
      .get('/', async (c) => {
        ;(await c.var.session()).update('visits', (n = 0) => n * 10)
        return c.text('ok')
      })
    const response = await app.request('/')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(calls()).toEqual(['create'])
    const later = await after(response)
    expect(later.get('visits')).toBe(11)
  })

  it('commits a session that a handler did not wait for, changes included [H19]', async () => {
    const { sessions, calls } = site<Shop>()
    const app = new Hono().use(session(sessions)).get('/', (c) => {
      void c.var.session().then((session) => session.set('visits', 1))
      return c.text('ok')
    })
    const response = await app.request('/')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(calls()).toEqual(['create'])
  })

  it('refuses a session that nobody had opened before the response left [H15, H16]', async () => {
    const { sessions, calls } = site<Shop>()
    let late: (() => Promise<Session<Shop>>) | undefined
    const app = new Hono().use(session(sessions)).get('/', (c) => {
      late = c.var.session
      return c.text('ok')
    })
    await app.request('/')
    await expect(late?.()).rejects.toMatchObject({ code: 'ERR_SESSION_COMMITTED' })
    await expect(late?.()).rejects.toMatchObject({ name: 'SessionError' })
    expect(calls()).toEqual([])
  })

  it('lets a session be read after the response left, and refuses changes [H15]', async () => {
    const { sessions, calls } = site<Shop>()
    let kept: Session<Shop> | undefined
    const app = new Hono().use(session(sessions)).get('/', async (c) => {
      kept = await c.var.session()
      kept.set('cart', ['tea'])
      return c.text('ok')
    })
    await app.request('/')
    calls()
    expect(kept?.get('cart')).toEqual(['tea'])
    const committed = expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' })
    expect(() => kept?.set('cart', [])).toThrow(committed)
    expect(() => kept?.signIn('ada', { method: 'password' })).toThrow(committed)
    expect(() => kept?.discard()).toThrow(committed)
    await expect(kept?.revoke()).rejects.toEqual(committed)
    expect(calls()).toEqual([])
  })

  it('replaces the token when somebody signs in, and ends it when they sign out [E1, F1, F6]', async () => {
    const { sessions, clock, calls } = site<Shop>()
    const app = new Hono()
      .use(session(sessions))
      .get('/', async (c) => c.text((await c.var.session()).subject ?? 'stranger'))
      .post('/cart', async (c) => {
        ;(await c.var.session()).set('cart', ['tea'])
        return c.redirect('/', 303)
      })
      .post('/sign-in', async (c) => {
        ;(await c.var.session()).signIn('ada', { method: 'password' })
        return c.redirect('/', 303)
      })
      .post('/sign-out', async (c) => {
        await (await c.var.session()).revoke()
        return c.redirect('/', 303)
      })
    const visitor = browser((request) => app.fetch(request), { clock })
    await visitor.post('/cart')
    const anonymous = visitor.cookie('__Host-id')?.value
    await visitor.post('/sign-in')
    const signedIn = visitor.cookie('__Host-id')?.value
    expect(signedIn).not.toBe(anonymous)
    expect(await (await visitor.get('/')).text()).toBe('ada')

    const thief = browser((request) => app.fetch(request), { clock })
    thief.setCookie(`__Host-id=${anonymous}; Path=/; Secure; HttpOnly`)
    expect(await (await thief.get('/')).text()).toBe('stranger')

    calls()
    await visitor.post('/sign-out')
    expect(calls()).toEqual(['read', 'delete'])
    expect(visitor.cookies).toEqual([])
    thief.setCookie(`__Host-id=${signedIn}; Path=/; Secure; HttpOnly`)
    expect(await (await thief.get('/')).text()).toBe('stranger')
    expect([...visitor.refused, ...thief.refused]).toEqual([])
  })
})

describe('many requests at once', () => {
  it('see nobody else’s data: 200 requests of 20 users, each with pauses [G6, G4]', async () => {
    const { ids } = await crowd()
    expect(new Set(ids.values()).size).toBe(users.length)
  })

  it('of strangers get sessions of their own [A14]', async () => {
    const made = site<{ visits: number }>()
    made.slow(pause)
    const app = new Hono().use(session(made.sessions)).get('/', async (c) => {
      ;(await c.var.session()).set('visits', 1)
      return c.text('ok')
    })
    const responses = await Promise.all(Array.from({ length: 20 }, () => app.request('/')))
    expect(new Set(responses.map((response) => cookieOf(response))).size).toBe(20)
  })
})
