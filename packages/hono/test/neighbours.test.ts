import { type SessionVariables, session } from '@sojourn/hono'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { etag } from 'hono/etag'
import { poweredBy } from 'hono/powered-by'
import { prettyJSON } from 'hono/pretty-json'
import { secureHeaders } from 'hono/secure-headers'
import { timeout } from 'hono/timeout'
import { describe, expect, it } from 'vitest'
import { cookieNames, cookieOf, sessionCookies, site, withCookie } from './site.ts'

type Data = { visits: number }
type Env = { Variables: SessionVariables<Data> }

const text = 'a page that is long enough to be compressed. '.repeat(100)

/** The session's middleware and another, in either order, around a page that counts and one that reads. */
function beside(other: MiddlewareHandler, place: string) {
  const made = site<Data>()
  const app = new Hono<Env>()
  if (place === 'before') app.use(other)
  app.use(session(made.sessions))
  if (place === 'after') app.use(other)
  app.get('/', async (c) => {
    await count(c)
    return c.text(text)
  })
  app.post('/', async (c) => {
    await count(c)
    return c.json({ ok: true }, 201)
  })
  app.get('/read', async (c) => {
    await c.var.session()
    return c.text(text)
  })
  return { ...made, app }
}

async function count(c: Context<Env>): Promise<void> {
  ;(await c.var.session()).update('visits', (n = 0) => n + 1)
}

describe.each(['before', 'after'])('mounted %s the session’s middleware', (place) => {
  it('cors keeps its headers, and Vary names both [B21]', async () => {
    const { app } = beside(cors({ origin: ['https://shop.test'], credentials: true }), place)
    const { headers } = await app.request('/', { headers: { origin: 'https://shop.test' } })
    expect(headers.get('access-control-allow-origin')).toBe('https://shop.test')
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('vary')?.split(', ').sort()).toEqual(['Cookie', 'Origin'])
  })

  it('compress compresses, and the cookie stays', async () => {
    const { app, after } = beside(compress(), place)
    const response = await app.request('/', { headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(response.headers.get('vary')?.split(', ').sort()).toEqual(['Accept-Encoding', 'Cookie'])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(sessionCookies(response)).toHaveLength(1)
    const plain = response.clone().body?.pipeThrough(new DecompressionStream('gzip') as never)
    expect(await new Response(plain as never).text()).toBe(text)
    expect((await after(response)).get('visits')).toBe(1)
  })

  it('etag tags the page, and answers 304 to who has it', async () => {
    const { app, calls } = beside(etag(), place)
    const first = await app.request('/')
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"/)
    expect(sessionCookies(first)).toHaveLength(1)
    calls()
    const headers = { cookie: cookieOf(first), 'if-none-match': tag }
    const second = await app.request('/read', { headers })
    expect(second.status).toBe(304)
    expect(cookieNames(second)).toEqual([])
    expect(second.headers.get('vary')).toBe('Cookie')
    expect(await second.text()).toBe('')
    expect(calls()).toEqual(['read'])
  })

  it('secureHeaders adds its own, on redirects that sign in too', async () => {
    const { app } = beside(secureHeaders(), place)
    app.post('/sign-in', async (c) => {
      ;(await c.var.session()).signIn('ada', { method: 'password' })
      return c.redirect('/', 303)
    })
    const response = await app.request('/sign-in', { method: 'POST' })
    expect(response.status).toBe(303)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(sessionCookies(response)).toHaveLength(1)
  })

  it.each([
    ['csrf', csrf()],
    ['bodyLimit', bodyLimit({ maxSize: 1000 })],
    ['poweredBy', poweredBy()],
    ['prettyJSON', prettyJSON({ force: true })],
    ['timeout', timeout(1000)],
  ])('%s does its work, and the session keeps its count', async (_, other) => {
    const { app, after } = beside(other, place)
    const headers = { origin: 'http://localhost', 'content-type': 'application/json' }
    const post = (cookie: string) =>
      app.request('/', { method: 'POST', headers: { ...headers, cookie }, body: '{}' })
    const first = await post('')
    expect(first.status).toBe(201)
    expect(sessionCookies(first)).toHaveLength(1)
    const second = await post(cookieOf(first))
    expect(await second.json()).toEqual({ ok: true })
    expect(cookieNames(second)).toEqual([])
    expect((await after(first)).get('visits')).toBe(2)
  })

  it('a middleware that sets Cache-Control does not make a token public [B22]', async () => {
    const { app } = beside(async (c, next) => {
      if (place === 'before') c.header('Cache-Control', 'public, s-maxage=600')
      await next()
      if (place === 'after') c.header('Cache-Control', 'public, s-maxage=600')
    }, place)
    expect((await app.request('/')).headers.get('cache-control')).toBe('no-store')
    const read = await app.request('/read')
    expect(read.headers.get('cache-control')).toBe('public, s-maxage=600')
    expect(read.headers.get('vary')).toBe('Cookie')
  })

  it('a middleware that answers itself is left alone', async () => {
    const { app, calls } = beside(async (c) => c.text('closed', 503), place)
    const response = await app.request('/')
    expect(response.status).toBe(503)
    expect([...response.headers.keys()]).toEqual(['content-type'])
    expect(calls()).toEqual([])
  })

  it('a middleware that replaces the response keeps the cookie [H20]', async () => {
    const { app } = beside(async (c, next) => {
      await next()
      c.res = new Response('replaced', { status: 202, headers: { 'x-replaced': 'yes' } })
    }, place)
    const response = await app.request('/')
    expect(response.status).toBe(202)
    expect(response.headers.get('x-replaced')).toBe('yes')
    expect(await response.text()).toBe('replaced')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

describe('after the session’s middleware', () => {
  it('a handler that timeout gave up on saves nothing, then or later', async () => {
    const { sessions, calls } = site<Data>()
    const gate = Promise.withResolvers<void>()
    const outcome = Promise.withResolvers<unknown>()
    const app = new Hono<Env>()
      .use(session(sessions))
      .use(timeout(5))
      .get('/', async (c) => {
        const session = await c.var.session()
        session.set('visits', 1)
        await gate.promise
        try {
          session.set('visits', 2)
          outcome.resolve('set')
        } catch (error) {
          outcome.resolve(error)
        }
        return c.text('too late')
      })
    const response = await app.request('/')
    expect(response.status).toBe(504)
    expect(cookieNames(response)).toEqual([])
    gate.resolve()
    expect(await outcome.promise).toMatchObject({ code: 'ERR_SESSION_COMMITTED' })
    expect(calls()).toEqual([])
  })

  it('etag makes a 304, with which a renewed token waits [H9]', async () => {
    const { sessions, clock } = site<Data>({ renewalTimeout: 600 })
    const app = new Hono<Env>()
      .use(session(sessions))
      .use(etag())
      .get('/', async (c) => {
        await count(c)
        return c.text('ok')
      })
      .get('/read', async (c) => {
        await c.var.session()
        return c.text('ok')
      })
    const first = await app.request('/')
    const cookie = cookieOf(first)
    clock.advance(700)
    const headers = { cookie, 'if-none-match': first.headers.get('etag') ?? '' }
    const unchanged = await app.request('/read', { headers })
    expect(unchanged.status).toBe(304)
    expect(cookieNames(unchanged)).toEqual([])
    expect(sessionCookies(await app.request('/read', withCookie(cookie)))).toHaveLength(1)
  })
})
