import { type SessionVariables, session } from '@sojourn/hono'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { describe, expect, it } from 'vitest'
import { cookieNames, cookieOf, fetched, sessionCookies, site, withCookie } from './site.ts'

type Data = { visits: number }
type Env = { Variables: SessionVariables<Data> }

async function count(c: Context<Env>): Promise<void> {
  ;(await c.var.session()).update('visits', (n = 0) => n + 1)
}

describe('cookies of others', () => {
  const handlers: [string, string[], (c: Context<Env>) => Response | Promise<Response>][] = [
    [
      'c.header',
      ['a=1', 'b=2'],
      (c) => {
        c.header('Set-Cookie', 'a=1', { append: true })
        c.header('Set-Cookie', 'b=2', { append: true })
        return c.text('ok')
      },
    ],
    [
      'the cookie helper',
      ['a=1; Path=/', 'b=; Max-Age=0; Path=/'],
      (c) => {
        setCookie(c, 'a', '1')
        deleteCookie(c, 'b')
        return c.json({})
      },
    ],
    [
      'c.res.headers',
      ['a=1', 'b=2'],
      (c) => {
        c.res.headers.append('set-cookie', 'a=1')
        c.res.headers.append('set-cookie', 'b=2')
        return c.text('ok')
      },
    ],
    [
      'the headers of c.text',
      ['a=1', 'b=2'],
      (c) => c.text('ok', 200, { 'Set-Cookie': ['a=1', 'b=2'] }),
    ],
    [
      'a Response of its own',
      ['a=1', 'b=2'],
      () => {
        const response = new Response('ok')
        response.headers.append('set-cookie', 'a=1')
        response.headers.append('set-cookie', 'b=2')
        return response
      },
    ],
    [
      'an immutable Response',
      ['a=1', 'b=2'],
      () => {
        const headers = new Headers()
        headers.append('set-cookie', 'a=1')
        headers.append('set-cookie', 'b=2')
        return fetched('ok', { headers })
      },
    ],
    [
      'an assignment to c.res',
      ['a=1', 'b=2'],
      (c) => {
        c.res = new Response('ok', { headers: { 'set-cookie': 'a=1' } })
        c.header('Set-Cookie', 'b=2', { append: true })
        return c.res
      },
    ],
    [
      'a redirect',
      ['a=1; Path=/'],
      (c) => {
        setCookie(c, 'a', '1')
        return c.redirect('/', 303)
      },
    ],
  ]

  it.each(handlers)(
    'set by %s survive, in order, each a line [B8, B9]',
    async (_, own, handler) => {
      for (const early of [true, false]) {
        const app = new Hono<Env>().use(session(site<Data>().sessions)).get('/', async (c) => {
          if (early) await count(c)
          const response = await handler(c)
          if (!early) await count(c)
          return response
        })
        const response = await app.request('/')
        const [last = '', ...more] = sessionCookies(response)
        expect(more).toEqual([])
        expect(response.headers.getSetCookie()).toEqual([...own, last])
      }
    },
  )

  function sets(name: string, when: 'before' | 'after', how: 'header' | 'headers' | 'response') {
    const middleware: MiddlewareHandler = async (c, next) => {
      if (when === 'after') await next()
      if (how === 'header') setCookie(c, name, '1')
      else if (how === 'headers') c.res.headers.append('set-cookie', `${name}=1`)
      else {
        const headers = new Headers(c.res.headers)
        headers.append('set-cookie', `${name}=1`)
        const { body, status } = c.res
        c.res = undefined
        c.res = new Response(body, { status, headers })
      }
      if (when === 'before') await next()
    }
    return middleware
  }

  it.each([
    ['c.text', (c: Context<Env>) => c.text('ok', 200, { 'Set-Cookie': 'handler=1' })],
    ['a Response', () => new Response('ok', { headers: { 'set-cookie': 'handler=1' } })],
    ['an immutable one', () => fetched('ok', { headers: { 'set-cookie': 'handler=1' } })],
  ] as const)('set by middleware all around survive with %s [B9, H20]', async (_, answer) => {
    // Whatever Hono itself makes of the cookies, with the session's added.
    for (const before of ['header', 'headers'] as const) {
      const expected = await build(before, false)
      const got = await build(before, true)
      expect(got.filter((name) => name !== '__Host-id')).toEqual(expected)
      expect(got.filter((name) => name === '__Host-id')).toHaveLength(1)
      expect(expected).toEqual(
        expect.arrayContaining(['inner-after', 'outer-after', 'outer-replaced']),
      )
    }

    async function build(before: 'header' | 'headers', withSession: boolean): Promise<string[]> {
      const app = new Hono<Env>()
        .use(sets('outer-replaced', 'after', 'response'))
        .use(sets('outer-after', 'after', 'headers'))
        .use(sets('outer-before', 'before', before))
      if (withSession) app.use(session(site<Data>().sessions))
      app
        .use(sets('inner-before', 'before', before))
        .use(sets('inner-after', 'after', 'header'))
        .get('/', async (c) => {
          if (withSession) await count(c)
          return answer(c)
        })
      return cookieNames(await app.request('/'))
    }
  })

  it('set before the session’s middleware keep their place with c.text [B9]', async () => {
    const app = new Hono<Env>()
      .use(sets('outer-before', 'before', 'headers'))
      .use(sets('outer-after', 'after', 'header'))
      .use(session(site<Data>().sessions))
      .use(sets('inner-before', 'before', 'header'))
      .use(sets('inner-after', 'after', 'headers'))
      .get('/', async (c) => {
        await count(c)
        setCookie(c, 'handler', '1')
        return c.text('ok')
      })
    expect(cookieNames(await app.request('/'))).toEqual([
      'outer-before',
      'inner-before',
      'handler',
      'inner-after',
      '__Host-id',
      'outer-after',
    ])
  })

  it('survive by the hundreds [B8]', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `cookie-${n}`)
    const app = new Hono<Env>().use(session(site<Data>().sessions)).get('/', async (c) => {
      await count(c)
      for (const name of names) setCookie(c, name, 'a, b; c', { expires: new Date(0) })
      return c.text('ok')
    })
    expect(cookieNames(await app.request('/'))).toEqual([...names, '__Host-id'])
  })

  it('are not touched when the session’s cookie is taken away', async () => {
    const { sessions } = site<Data>()
    const app = new Hono<Env>().use(session(sessions))
    app.get('/', async (c) => {
      await count(c)
      return c.text('ok')
    })
    app.post('/', async (c) => {
      setCookie(c, 'a', '1')
      await (await c.var.session()).revoke()
      setCookie(c, 'b', '2')
      return c.redirect('/')
    })
    const cookie = cookieOf(await app.request('/'))
    const response = await app.request('/', { method: 'POST', ...withCookie(cookie) })
    expect(cookieNames(response)).toEqual(['a', 'b', '__Host-id'])
    expect(sessionCookies(response)[0]).toMatch(/^__Host-id=;.*Max-Age=0/)
  })
})

describe('the session’s cookie', () => {
  it('is set once, whatever the handler does [B10]', async () => {
    const { sessions, after } = site<Data>()
    const app = new Hono<Env>().use(session(sessions)).get('/', async (c) => {
      const session = await c.var.session()
      session.set('visits', 1)
      session.regenerate()
      session.signIn('ada', { method: 'password' })
      session.regenerate()
      await session.revoke()
      session.set('visits', 2)
      session.remember()
      return c.text('ok')
    })
    const response = await app.request('/')
    expect(sessionCookies(response)).toHaveLength(1)
    const kept = await after(response)
    expect(kept.data).toEqual({ visits: 2 })
    expect(kept.subject).toBeNull()
  })

  it('takes the place of one that the handler set under its name [B10]', async () => {
    const { sessions, after } = site<Data>()
    const app = new Hono<Env>().use(session(sessions)).get('/', async (c) => {
      setCookie(c, '__Host-id', 'own', { secure: true })
      setCookie(c, 'a', '1')
      await count(c)
      return c.text('ok')
    })
    const response = await app.request('/')
    expect(cookieNames(response)).toEqual(['a', '__Host-id'])
    const kept = await after(response)
    expect(kept.get('visits')).toBe(1)
  })
})
