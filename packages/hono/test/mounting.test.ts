import { createSessions } from '@sojourn/core'
import { browser } from '@sojourn/core/testing'
import { type SessionVariables, session } from '@sojourn/hono'
import { type Context, Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { newStore } from '../../core/test/new-store.ts'
import { cookieNames, cookieOf, sessionCookies, site, withCookie } from './site.ts'

type Data = { visits: number }
type Env = { Variables: SessionVariables<Data> }

async function count(c: Context<Env>): Promise<Response> {
  const session = await c.var.session()
  session.update('visits', (n = 0) => n + 1)
  return c.text(`${session.get('visits')}`)
}

describe('mounted twice', () => {
  it.each([
    [
      'on the same app',
      (app: Hono<Env>, inner: () => ReturnType<typeof session<Data>>) => {
        app.use('/sub/*', inner())
        app.get('/sub/here', count)
      },
    ],
    [
      'in a sub-app',
      (app: Hono<Env>, inner: () => ReturnType<typeof session<Data>>) => {
        app.route('/sub', new Hono<Env>().use(inner()).get('/here', count))
      },
    ],
    [
      'on one route',
      (app: Hono<Env>, inner: () => ReturnType<typeof session<Data>>) => {
        app.get('/sub/here', inner(), inner(), count)
      },
    ],
  ] as const)('%s it is one session and one cookie [A17]', async (_, add) => {
    const { sessions, calls } = site<Data>()
    const app = new Hono<Env>().use(session(sessions)).use(async (c, next) => {
      await c.var.session()
      await next()
      ;(await c.var.session()).update('visits', (n = 0) => n + 1)
    })
    add(app, () => session(sessions))
    const first = await app.request('/sub/here')
    expect(sessionCookies(first)).toHaveLength(1)
    expect(calls()).toEqual(['create'])
    const second = await app.request('/sub/here', withCookie(cookieOf(first)))
    expect(await second.text()).toBe('3')
    expect(cookieNames(second)).toEqual([])
    expect(calls()).toEqual(['read', 'update'])
  })
})

describe('two kinds of sessions', () => {
  function both() {
    const shop = site<Data>({ cookie: { name: '__Host-shop' } })
    const staff = site<Data>({ cookie: { name: '__Host-staff' } })
    return { shop, staff }
  }

  it('one inside the other each have their cookie; the outer one is back afterwards', async () => {
    const { shop, staff } = both()
    let same = false
    const app = new Hono<Env>()
      .use(session(shop.sessions))
      .use(async (c, next) => {
        const before = await c.var.session()
        before.set('visits', 10)
        await next()
        const after = await c.var.session()
        same = after === before
        after.update('visits', (n = 0) => n + 1)
      })
      .use('/staff/*', session(staff.sessions))
      .get('/staff/room', count)
    const visitor = browser((request) => app.fetch(request))
    const response = await visitor.get('/staff/room')
    expect(same).toBe(true)
    expect(cookieNames(response)).toEqual(['__Host-staff', '__Host-shop'])
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(await (await visitor.get('/staff/room')).text()).toBe('2')
    const { cookies, refused } = visitor
    expect(refused).toEqual([])
    expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-shop', '__Host-staff'])

    const request = new Request('https://app.test', {
      headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    })
    expect((await shop.sessions.open(request)).get('visits')).toBe(11)
    expect((await staff.sessions.open(request)).get('visits')).toBe(2)
  })

  it('cost nothing each where only the other is asked for', async () => {
    const { shop, staff } = both()
    const app = new Hono<Env>()
      .use(session(shop.sessions))
      .use('/staff/*', session(staff.sessions))
      .get('/staff/room', count)
      .get('/shop', count)
    await app.request('/staff/room')
    expect(shop.calls()).toEqual([])
    expect(staff.calls()).toEqual(['create'])
    await app.request('/shop')
    expect(shop.calls()).toEqual(['create'])
    expect(staff.calls()).toEqual([])
  })

  it('give the outer one back when the handler throws', async () => {
    const { shop, staff } = both()
    const seen: unknown[] = []
    const app = new Hono<Env>()
      .use(session(shop.sessions))
      .use(async (c, next) => {
        seen.push(c.var.session)
        await next()
        seen.push(c.var.session)
      })
      .use(session(staff.sessions))
      .get('/', async (c) => {
        seen.push(c.var.session)
        ;(await c.var.session()).set('visits', 5)
        throw new Error('thrown on purpose')
      })
      .onError((_, c) => c.text('sorry', 500))
    const response = await app.request('/')
    expect(response.status).toBe(500)
    expect(seen[2]).toBe(seen[0])
    expect(seen[1]).not.toBe(seen[0])
    expect(cookieNames(response)).toEqual([])
    expect([...shop.calls(), ...staff.calls()]).toEqual([])
  })

  it('refuse each other’s tokens, even under one secret', async () => {
    const store = newStore({ clock: Date.now })
    const secret = 'the same secret for both of these, which is long enough'
    const one = createSessions<Data>({ store, secret, cookie: { name: '__Host-one' } })
    const two = createSessions<Data>({ store, secret, cookie: { name: '__Host-two' } })
    const app = new Hono<Env>().get('/one', session(one), count).get('/two', session(two), count)
    const cookie = cookieOf(await app.request('/one'), '__Host-one')
    const moved = cookie.replace('__Host-one', '__Host-two')
    expect(await (await app.request('/two', withCookie(moved))).text()).toBe('1')
    expect(await (await app.request('/one', withCookie(cookie))).text()).toBe('2')
  })

  it('live beside a variable of the application’s own named session', async () => {
    const { sessions } = site<Data>()
    const seen: unknown[] = []
    const app = new Hono<{ Variables: { session: unknown } }>()
      .use(async (c, next) => {
        c.set('session', 'somebody else’s')
        await next()
        seen.push(c.get('session'))
      })
      .get('/', session(sessions) as never, (c) => count(c as never))
    expect(await (await app.request('/')).text()).toBe('1')
    expect(seen).toEqual(['somebody else’s'])
  })
})

describe('sub-apps', () => {
  it('of app.route share the session, whichever of them mounts it', async () => {
    const { sessions } = site<Data>()
    const sub = new Hono<Env>().get('/here', count)
    const outer = new Hono<Env>().use(session(sessions)).route('/sub', sub).get('/', count)
    const { get } = browser((request) => outer.fetch(request))
    expect(await (await get('/sub/here')).text()).toBe('1')
    expect(await (await get('/')).text()).toBe('2')

    const own = new Hono<Env>().use(session(sessions)).get('/here', count)
    const plain = new Hono().get('/', (c) => c.text('plain')).route('/sub', own)
    expect(sessionCookies(await plain.request('/sub/here'))).toHaveLength(1)
    expect(cookieNames(await plain.request('/'))).toEqual([])
  })

  it('of app.route with an onError of their own save nothing when a handler throws [I1]', async () => {
    const { sessions, calls } = site<Data>()
    const sub = new Hono<Env>()
      .get('/here', async (c) => {
        await count(c)
        throw new Error('thrown on purpose')
      })
      .onError((_, c) => c.text('sorry from below', 500))
    const app = new Hono<Env>().use(session(sessions)).route('/sub', sub)
    const response = await app.request('/sub/here')
    expect(await response.text()).toBe('sorry from below')
    expect(cookieNames(response)).toEqual([])
    expect(calls()).toEqual([])
  })

  it('of basePath', async () => {
    const { sessions } = site<Data>()
    const app = new Hono<Env>().basePath('/api').use(session(sessions)).get('/here', count)
    const { get } = browser((request) => app.fetch(request))
    expect(await (await get('/api/here')).text()).toBe('1')
    expect(await (await get('/api/here')).text()).toBe('2')
  })

  it('of app.mount have sessions of their own mounting, under an app that leaves its own alone', async () => {
    const { sessions, calls } = site<Data>()
    const inner = new Hono<Env>().use(session(sessions)).get('/here', count)
    const app = new Hono<Env>().use(session(sessions)).mount('/sub', inner.fetch)
    const first = await app.request('/sub/here')
    expect(sessionCookies(first)).toHaveLength(1)
    expect(calls()).toEqual(['create'])
    const second = await app.request('/sub/here', withCookie(cookieOf(first)))
    expect(await second.text()).toBe('2')
    expect(second.headers.get('vary')).toBe('Cookie')
    expect(calls()).toEqual(['read', 'update'])
  })

  it('of app.mount that know nothing of sessions get the cookie of the app above', async () => {
    const { sessions } = site<Data>()
    const app = new Hono<Env>().use(session(sessions)).use(async (c, next) => {
      await count(c)
      await next()
    })
    app.mount('/other', () => Response.redirect('https://app.test/elsewhere', 302))
    const response = await app.request('/other/path')
    expect(response.headers.get('location')).toBe('https://app.test/elsewhere')
    expect(sessionCookies(response)).toHaveLength(1)
  })
})
