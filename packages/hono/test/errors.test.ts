import { SessionError, type SessionEvent } from '@sojourn/core'
import { type SessionVariables, session } from '@sojourn/hono'
import { type Context, Hono } from 'hono'
import { every } from 'hono/combine'
import { setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { requestId } from 'hono/request-id'
import { streamSSE } from 'hono/streaming'
import { describe, expect, it } from 'vitest'
import { cookieNames, cookieOf, sessionCookies, site, withCookie } from './site.ts'

type Data = { cart: string[]; visits: number }
type Env = { Variables: SessionVariables<Data> }

/** An application that keeps the errors it was told of, and a visitor's cookie. */
async function shop(options?: Parameters<typeof site>[0]) {
  const made = site<Data>(options)
  const errors: unknown[] = []
  const app = new Hono<Env>().use(session(made.sessions)).onError((error, c) => {
    errors.push(error)
    return c.text('sorry', 500)
  })
  app.get('/cart', async (c) => c.json((await c.var.session()).get('cart') ?? null))
  app.post('/cart', fill)
  const entrance = new Hono<Env>().get('/', session(made.sessions), fill)
  const cookie = cookieOf(await entrance.request('/'))
  made.calls()
  made.events.splice(0)
  return { ...made, app, errors, cookie }
}

async function fill(c: Context<Env>): Promise<Response> {
  ;(await c.var.session()).set('cart', ['tea'])
  return c.text('ok')
}

function types(events: SessionEvent[]): string[] {
  return events.map(({ type }) => type)
}

describe('a handler that throws', () => {
  const error = new Error('thrown on purpose')

  it('saves nothing, and its error reaches onError unchanged, once [I1, I4]', async () => {
    const { app, errors, calls, cookie } = await shop()
    app.get('/', async (c) => {
      ;(await c.var.session()).set('cart', ['half', 'done'])
      throw error
    })
    const response = await app.request('/', withCookie(cookie))
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('sorry')
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBe(error)
    expect(cookieNames(response)).toEqual([])
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(calls()).toEqual(['read'])
    expect(await (await app.request('/cart', withCookie(cookie))).json()).toEqual(['tea'])
  })

  it('leaves a new visitor without a session [I1]', async () => {
    const { app, calls } = await shop()
    app.get('/', async (c) => {
      ;(await c.var.session()).signIn('ada', { method: 'password' })
      throw error
    })
    expect(cookieNames(await app.request('/'))).toEqual([])
    expect(calls()).toEqual([])
  })

  it('after revoking leaves the session revoked, and expires the cookie [I2]', async () => {
    const { app, errors, calls, cookie } = await shop()
    app.get('/', async (c) => {
      const session = await c.var.session()
      await session.revoke()
      session.set('cart', ['of a new session'])
      throw error
    })
    const response = await app.request('/', withCookie(cookie))
    expect(response.status).toBe(500)
    expect(errors).toEqual([error])
    expect(calls()).toEqual(['read', 'delete'])
    expect(sessionCookies(response)).toEqual([expect.stringMatching(/^__Host-id=;.*Max-Age=0/)])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await (await app.request('/cart', withCookie(cookie))).json()).toBeNull()
  })

  it('after regenerating leaves the client with the token that it has [I3]', async () => {
    const { app, calls, cookie } = await shop()
    app.get('/', async (c) => {
      ;(await c.var.session()).regenerate()
      throw error
    })
    const response = await app.request('/', withCookie(cookie))
    expect(cookieNames(response)).toEqual([])
    expect(calls()).toEqual(['read'])
    expect(await (await app.request('/cart', withCookie(cookie))).json()).toEqual(['tea'])
  })

  it('shows the session to onError, whose own changes are dropped as well', async () => {
    const { app, calls, cookie } = await shop()
    let seen: unknown
    app.onError(async (_, c) => {
      const session = await c.var.session()
      seen = session.get('cart')
      session.set('visits', 1)
      return c.text('sorry', 500)
    })
    app.get('/', () => Promise.reject(error))
    const response = await app.request('/', withCookie(cookie))
    expect(seen).toEqual(['tea'])
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(calls()).toEqual(['read'])
  })

  it('counts the visit: the session was in use', async () => {
    const { app, clock, calls, cookie } = await shop()
    app.get('/', async (c) => {
      await c.var.session()
      throw error
    })
    clock.advance(600)
    await app.request('/', withCookie(cookie))
    expect(calls()).toEqual(['read', 'touch'])
  })

  it('throws an HTTPException: its response leaves, nothing is saved', async () => {
    const { app, calls, cookie } = await shop()
    app.onError((error, c) =>
      error instanceof HTTPException ? error.getResponse() : c.text('other', 500),
    )
    app.get('/', async (c) => {
      ;(await c.var.session()).set('cart', [])
      const res = new Response('no entry', { status: 401, headers: { 'set-cookie': 'theirs=1' } })
      throw new HTTPException(401, { res })
    })
    const response = await app.request('/', withCookie(cookie))
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('no entry')
    expect(cookieNames(response)).toEqual(['theirs'])
    expect(calls()).toEqual(['read'])
  })

  it('throws an HTTPException without an onError: Hono’s own answer leaves', async () => {
    const { sessions } = site<Data>()
    const app = new Hono<Env>().use(session(sessions)).get('/', async (c) => {
      const session = await c.var.session()
      session.set('cart', [])
      throw new HTTPException(403, { message: 'no entry' })
    })
    const response = await app.request('/')
    expect(response.status).toBe(403)
    expect(await response.text()).toBe('no entry')
    expect(cookieNames(response)).toEqual([])
  })

  it('throws what is no Error: it passes through as it came, and nothing is saved', async () => {
    const { app, errors, calls, cookie } = await shop()
    app.get('/', async (c) => {
      const session = await c.var.session()
      session.set('cart', [])
      await session.revoke()
      session.set('cart', ['new'])
      return Promise.reject('a text')
    })
    await expect(app.request('/', withCookie(cookie))).rejects.toBe('a text')
    expect(errors).toEqual([])
    expect(calls()).toEqual(['read', 'delete'])
    expect(await (await app.request('/cart', withCookie(cookie))).json()).toBeNull()
  })

  it('throws before it asks for its session: that costs nothing', async () => {
    const { app, errors, calls, cookie } = await shop()
    app.get('/', () => {
      throw error
    })
    const response = await app.request('/', withCookie(cookie))
    expect(response.headers.has('vary')).toBe(false)
    expect(errors).toEqual([error])
    expect(calls()).toEqual([])
  })

  it('answers the same when the store is down by then: no second error [I4]', async () => {
    const { app, errors, failing, clock, events, cookie } = await shop({ renewalTimeout: 60 })
    app.get('/', async (c) => {
      await c.var.session()
      failing.add('update')
      throw error
    })
    clock.advance(90)
    const response = await app.request('/', withCookie(cookie))
    expect(await response.text()).toBe('sorry')
    expect(errors).toEqual([error])
    expect(cookieNames(response)).toEqual([])
    expect(types(events)).toEqual(['store-failure'])
  })
})

describe('middleware that throws', () => {
  const error = new Error('thrown on purpose')
  const before = async () => {
    throw error
  }

  it.each([
    ['before the handler', (app: Hono<Env>) => app.use('/x/*', count, before)],
    [
      'after the handler',
      (app: Hono<Env>) =>
        app.use('/x/*', async (_, next) => {
          await next()
          throw error
        }),
    ],
    ['inside every()', (app: Hono<Env>) => app.use('/x/*', every(count, before))],
  ])('%s saves nothing; the error reaches onError once [I4]', async (_, add) => {
    const { app, errors, calls, cookie } = await shop()
    add(app)
    app.get('/x/y', async (c) => {
      ;(await c.var.session()).set('cart', [])
      return c.text('ok')
    })
    const response = await app.request('/x/y', withCookie(cookie))
    expect(response.status).toBe(500)
    expect(errors).toEqual([error])
    expect(calls()).toEqual(['read'])
  })

  it('behind every(session, …) saves nothing, and expires what was revoked [I2]', async () => {
    const { sessions, calls, cookie } = await shop()
    const app = new Hono<Env>().use(
      every(session(sessions), async (c: Context<Env>) => {
        const session = await c.var.session()
        await session.revoke()
        session.set('visits', 1)
        throw error
      }),
    )
    const errors: unknown[] = []
    app.onError((error, c) => {
      errors.push(error)
      return c.text('sorry', 500)
    })
    app.get('/', (c) => c.text('ok'))
    const response = await app.request('/', withCookie(cookie))
    expect(response.status).toBe(500)
    expect(errors).toEqual([error])
    expect(sessionCookies(response)).toEqual([expect.stringContaining('Max-Age=0')])
    expect(calls()).toEqual(['read', 'delete'])
  })

  it('outside the session’s finds the session saved', async () => {
    const { sessions, calls } = site<Data>()
    const app = new Hono<Env>()
      .use(async (_, next) => {
        await next()
        throw error
      })
      .use(session(sessions))
      .get('/', async (c) => {
        ;(await c.var.session()).set('visits', 1)
        return c.text('ok')
      })
      .onError((_, c) => c.text('sorry', 500))
    const response = await app.request('/')
    expect(response.status).toBe(500)
    expect(sessionCookies(response)).toHaveLength(1)
    expect(calls()).toEqual(['create'])
  })

  async function count(c: Context<Env>, next: () => Promise<void>): Promise<void> {
    ;(await c.var.session()).update('visits', (n = 0) => n + 1)
    await next()
  }
})

describe('a store that cannot be read', () => {
  it('is an error for onError; the visitor keeps the cookie [I5]', async () => {
    const { app, errors, failing, calls, cookie } = await shop()
    failing.add('read')
    const response = await app.request('/cart', withCookie(cookie))
    expect(response.status).toBe(500)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(SessionError)
    expect(errors[0]).toMatchObject({ code: 'ERR_SESSION_STORE', cause: expect.any(Error) })
    expect(cookieNames(response)).toEqual([])
    expect(calls()).toEqual(['read'])
    failing.clear()
    expect(await (await app.request('/cart', withCookie(cookie))).json()).toEqual(['tea'])
  })

  it('may be answered by a handler that catches the error, and no session is made [I5]', async () => {
    const { app, errors, failing, calls, cookie } = await shop()
    app.get('/', async (c) => {
      try {
        ;(await c.var.session()).set('cart', [])
        return c.text('never')
      } catch {
        return c.text('come back later', 503)
      }
    })
    failing.add('read')
    const response = await app.request('/', withCookie(cookie))
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('come back later')
    expect(errors).toEqual([])
    expect(cookieNames(response)).toEqual([])
    expect(calls()).toEqual(['read'])
  })

  it('is asked once a request, however often the handler tries', async () => {
    const { app, failing, calls, cookie } = await shop()
    const caught: unknown[] = []
    app.get('/', async (c) => {
      for (let attempt = 0; attempt < 3; attempt++) {
        caught.push(await c.var.session().catch((error) => error))
      }
      return c.text('ok')
    })
    failing.add('read')
    await app.request('/', withCookie(cookie))
    expect(caught).toHaveLength(3)
    expect(new Set(caught).size).toBe(1)
    expect(calls()).toEqual(['read'])
  })
})

describe('a store that cannot be written', () => {
  it('is an error for onError, and no cookie names what does not exist [I7]', async () => {
    const { app, errors, failing } = await shop()
    failing.add('create')
    const response = await app.request('/cart', { method: 'POST' })
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('sorry')
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'ERR_SESSION_STORE', cause: expect.any(Error) })
    expect(cookieNames(response)).toEqual([])
  })

  it('leaves the record as it was, and the visitor with the cookie [I7]', async () => {
    const { app, errors, failing, cookie } = await shop()
    app.get('/', async (c) => {
      ;(await c.var.session()).signIn('ada', { method: 'password' })
      return c.redirect('/')
    })
    failing.add('update')
    const response = await app.request('/', withCookie(cookie))
    expect(response.status).toBe(500)
    expect(response.headers.has('location')).toBe(false)
    expect(errors).toHaveLength(1)
    expect(cookieNames(response)).toEqual([])
    expect(await (await app.request('/cart', withCookie(cookie))).json()).toEqual(['tea'])
  })

  it('leaves the error’s response nothing that the unsent one said of itself', async () => {
    const { app, failing } = await shop()
    app.get('/', async (c) => {
      ;(await c.var.session()).set('visits', 1)
      setCookie(c, 'signed-in', 'yes')
      c.header('Content-Security-Policy', "default-src 'self'")
      return c.body('{"all":"well"}', 201, {
        'Content-Type': 'application/json',
        'Content-Length': '14',
        'Content-Encoding': 'identity',
        'Content-Disposition': 'attachment',
        'Cache-Control': 'public, max-age=600',
        ETag: '"of-the-json"',
        'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
        Expires: 'Fri, 02 Jan 2026 00:00:00 GMT',
        Location: '/all-well',
      })
    })
    failing.add('create')
    const response = await app.request('/')
    expect([...response.headers]).toEqual([
      ['content-security-policy', "default-src 'self'"],
      ['content-type', 'text/plain; charset=UTF-8'],
    ])
    expect(await response.text()).toBe('sorry')
  })

  it.each(['before', 'after'])(
    'keeps what cors and requestId say, mounted %s it',
    async (place) => {
      const { sessions, failing } = await shop()
      const others = every(cors({ origin: ['https://shop.test'], credentials: true }), requestId())
      const app = new Hono<Env>()
      if (place === 'before') app.use(others)
      app.use(session(sessions))
      if (place === 'after') app.use(others)
      app.get('/', async (c) => {
        ;(await c.var.session()).set('visits', 1)
        return c.json({}, 200, { ETag: '"x"' })
      })
      app.onError((_, c) => c.json({ sorry: true }, 500))
      failing.add('create')
      const { status, headers } = await app.request('/', {
        headers: { origin: 'https://shop.test' },
      })
      expect(status).toBe(500)
      expect(headers.get('access-control-allow-origin')).toBe('https://shop.test')
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('x-request-id')).toBeTruthy()
      expect(headers.get('vary')).toBe('Origin')
      expect(headers.has('etag')).toBe(false)
    },
  )

  it('does not add the cookies of an onError’s own Response to those of the unsent one', async () => {
    const { app, failing } = await shop()
    app.onError(() => new Response('sorry', { status: 500, headers: { 'set-cookie': 'error=1' } }))
    app.get('/', async (c) => {
      ;(await c.var.session()).set('visits', 1)
      setCookie(c, 'signed-in', 'yes')
      return c.text('ok')
    })
    failing.add('create')
    const response = await app.request('/')
    expect(cookieNames(response)).toEqual(['error'])
    expect(response.headers.get('content-type')).toMatch('text/plain')
  })

  it('stops the stream that nobody will read', async () => {
    const { app, failing } = await shop()
    const aborted = Promise.withResolvers<string>()
    app.get('/', async (c) => {
      ;(await c.var.session()).set('visits', 1)
      return streamSSE(c, async (events) => {
        events.onAbort(() => aborted.resolve('aborted'))
        await aborted.promise
      })
    })
    failing.add('create')
    expect((await app.request('/')).status).toBe(500)
    expect(await aborted.promise).toBe('aborted')
  })

  it('reports a revocation that failed to whoever asked for it; the cookie still goes [F10]', async () => {
    const { app, errors, failing, cookie } = await shop()
    app.post('/sign-out', async (c) => {
      const session = await c.var.session()
      await session.revoke()
      return c.text('never')
    })
    failing.add('delete')
    const response = await app.request('/sign-out', { method: 'POST', ...withCookie(cookie) })
    expect(response.status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_STORE' })])
    expect(sessionCookies(response)).toEqual([expect.stringContaining('Max-Age=0')])
  })

  it('that fails at a touch damages nothing: it is reported as an event [I9]', async () => {
    const { app, errors, failing, clock, events, cookie } = await shop()
    failing.add('touch')
    clock.advance(600)
    const response = await app.request('/cart', withCookie(cookie))
    expect(await response.json()).toEqual(['tea'])
    expect(errors).toEqual([])
    expect(types(events)).toEqual(['store-failure'])
  })
})
