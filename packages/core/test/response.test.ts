import { describe, expect, it } from 'vitest'
import { SessionError } from '../src/index.ts'
import { isCarried } from './carrier.ts'
import { request, site } from './site.ts'

const store1 = (session: { set(key: string, value: number): unknown }): unknown =>
  session.set('a', 1)

describe('caches', () => {
  it.each([
    [null, 'no-store'],
    ['public, max-age=600', 'no-store'],
    ['public, s-maxage=600, max-age=60, immutable, stale-while-revalidate=30', 'no-store'],
    ['private', 'no-store, private'],
    ['no-store', 'no-store'],
    ['No-Store, Public', 'no-store'],
    ['private="set-cookie, x-a", max-age=60', 'no-store, private="set-cookie, x-a"'],
    ['no-cache="Set-Cookie", no-transform', 'no-store, no-cache="Set-Cookie", no-transform'],
    ['must-understand, no-store', 'no-store'],
    ['must-revalidate,proxy-revalidate', 'no-store, must-revalidate, proxy-revalidate'],
    ['community="UCI"', 'no-store, community="UCI"'],
    [',,  ,', 'no-store'],
  ])('may not keep a response that sets a cookie: %s becomes %s [B22]', async (before, after) => {
    const { visit } = site()
    const headers = before === null ? {} : { 'cache-control': before }
    const { response } = await visit(null, store1, new Response('ok', { headers }))
    expect(response.headers.get('cache-control')).toBe(after)
  })

  it('at a CDN are told nothing else by a field of their own [B22]', async () => {
    const { visit } = site()
    const fields = [
      'Edge-Control',
      'X-LiteSpeed-Cache-Control',
      'CDN-Cache-Control',
      'Cloudflare-CDN-Cache-Control',
      'Surrogate-Control',
    ]
    const headers = Object.fromEntries(fields.map((field) => [field, 'max-age=600']))
    const { response } = await visit(null, store1, new Response('ok', { headers }))
    for (const field of fields) expect(response.headers.get(field)).toBeNull()
    const untouched = await visit(null, () => {}, new Response('ok', { headers }))
    expect(untouched.response.headers.get('cdn-cache-control')).toBe('max-age=600')
  })

  it('may keep a response that only read the session, as the application says', async () => {
    const { visit } = site()
    const headers = { 'cache-control': 'public, max-age=600' }
    const { response } = await visit(null, () => {}, new Response('ok', { headers }))
    expect(response.headers.get('cache-control')).toBe('public, max-age=600')
  })

  it.each([
    [null, 'Cookie'],
    ['Accept-Encoding', 'Accept-Encoding, Cookie'],
    ['cookie', 'cookie'],
    ['Origin, COOKIE', 'Origin, COOKIE'],
    ['*', '*'],
    ['X-Cookie', 'X-Cookie, Cookie'],
  ])(
    'are told that the answer depends on the cookie: Vary %s becomes %s [B21]',
    async (before, after) => {
      const { visit } = site()
      const headers = before === null ? {} : { vary: before }
      const { response } = await visit(null, () => {}, new Response('ok', { headers }))
      expect(response.headers.get('vary')).toBe(after)
    },
  )

  it('may not keep a response that takes a cookie away [B22]', async () => {
    const { visit } = site()
    const { cookie } = await visit(null, store1)
    const headers = { 'cache-control': 'public, max-age=600' }
    const { response } = await visit(cookie, (s) => s.revoke(), new Response('bye', { headers }))
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

describe('the response', () => {
  it('is the same object where it hands out no token and its headers can be changed', async () => {
    const { sessions } = site()
    const session = await sessions.open(request(null))
    const response = new Response('ok')
    expect(await sessions.commit(session, response)).toBe(response)
  })

  it('that hands out a token is a copy: one that the application keeps for all gives it to nobody else', async () => {
    const { visit } = site()
    const kept = new Response(null, { status: 204 })
    const mine = await visit(null, (s) => s.signIn('ada', { method: 'test' }), kept)
    expect(mine.setCookies).toHaveLength(1)
    expect(kept.headers.getSetCookie()).toEqual([])
    expect((await visit(null, () => {}, kept)).setCookies).toEqual([])
    const gone = await visit(mine.cookie, (s) => s.revoke(), kept)
    expect(gone.setCookies).toHaveLength(1)
    expect(kept.headers.getSetCookie()).toEqual([])
  })

  it.each([301, 302, 303, 307, 308])(
    'may be a redirect: the cookie is on the %i itself [H11]',
    async (status) => {
      const { visit } = site()
      const redirect = Response.redirect('https://app.test/next', status)
      const { response, setCookies } = await visit(null, store1, redirect)
      expect(response.status).toBe(status)
      expect(response.headers.get('location')).toBe('https://app.test/next')
      expect(setCookies).toHaveLength(1)
    },
  )

  it.each([204, 205, 304])(
    'may have no body: %i gets a cookie when one is due [H9]',
    async (status) => {
      const { visit } = site()
      const { response, setCookies } = await visit(null, store1, new Response(null, { status }))
      expect(response.status).toBe(status)
      expect(response.body).toBeNull()
      // Some frameworks say so by themselves.
      const length = response.headers.get('content-length')
      expect(isCarried() && length === '0' ? null : length).toBeNull()
      expect(setCookies).toHaveLength(1)
    },
  )

  it('to HEAD has the headers of the one to GET [H8]', async () => {
    const { sessions } = site()
    const fetch = sessions.wrap(async (request, open) => {
      ;(await open()).set('a', 1)
      return new Response(request.method === 'HEAD' ? null : 'ok')
    })
    const [head, get] = await Promise.all(
      ['HEAD', 'GET'].map((method) => fetch(new Request('https://app.test/', { method }))),
    )
    for (const field of ['vary', 'cache-control']) {
      expect(head?.headers.get(field)).toBe(get?.headers.get(field))
    }
    expect(head?.headers.getSetCookie()).toHaveLength(1)
    expect(head?.body).toBeNull()
  })

  it('keeps all cookies of the handler, in order, on lines of their own [B8, B9]', async () => {
    const { visit } = site()
    const headers = new Headers([
      ['set-cookie', 'theme=dark; Path=/'],
      ['set-cookie', 'locale=en, gb; Expires=Wed, 09 Jun 2027 10:18:14 GMT'],
    ])
    const { setCookies } = await visit(null, store1, new Response('ok', { headers }))
    expect(setCookies.slice(0, 2)).toEqual(headers.getSetCookie())
    expect(setCookies[2]).toMatch(/^__Host-id=/)
  })

  it('has no cookie of an earlier answer for this name beside the one that holds [B10]', async () => {
    const { visit } = site()
    const headers = { 'set-cookie': '__Host-id=left-over; Path=/; Secure' }
    const { setCookies } = await visit(null, store1, new Response('ok', { headers }))
    expect(setCookies).toHaveLength(1)
    expect(setCookies[0]).not.toContain('left-over')
  })

  it('to a preflight that asks for no session is left alone [H10]', async () => {
    const { sessions, calls } = site()
    const headers = { 'access-control-allow-origin': 'https://a.test', vary: 'Origin' }
    const fetch = sessions.wrap(() => new Response(null, { status: 204, headers }))
    const response = await fetch(new Request('https://app.test/', { method: 'OPTIONS' }))
    expect(Object.fromEntries(response.headers)).toEqual(headers)
    expect(calls()).toEqual([])
  })

  it('may have an empty stream for a body [H7]', async () => {
    const { visit } = site()
    const body = new ReadableStream({ start: (controller) => controller.close() })
    const { response, setCookies } = await visit(null, store1, new Response(body))
    expect(setCookies).toHaveLength(1)
    expect(await response.text()).toBe('')
  })
})

describe('after the head has left', () => {
  it('every change throws ERR_SESSION_COMMITTED, and reading goes on [H15, H16, H18]', async () => {
    const { begin, visit, calls, kept } = site()
    let session = (await begin(null)).session
    await visit(null, (opened) => {
      session = opened.set('a', 1)
    })
    calls()
    const changes: (() => unknown)[] = [
      () => session.set('b', 2),
      () => session.delete('a'),
      () => session.update('a', () => 2),
      () => session.clear(),
      () => session.signIn('ada', { method: 'password' }),
      () => session.regenerate(),
      () => session.remember(),
      () => session.discard(),
    ]
    for (const change of changes) {
      expect(change).toThrow(SessionError)
      expect(change).toThrow(expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' }))
    }
    await expect(session.revoke()).rejects.toMatchObject({ code: 'ERR_SESSION_COMMITTED' })
    expect(session.get('a')).toBe(1)
    expect(session.id).toMatch(/^[\w-]{32}$/)
    expect(calls()).toEqual([])
    expect(await kept()).toBe(1)
  })

  it('a new session first changed then leaves no orphan behind [H16]', async () => {
    const { sessions, kept } = site()
    const session = await sessions.open(request(null))
    await sessions.commit(session, new Response('ok'))
    expect(() => session.set('a', 1)).toThrow(SessionError)
    expect(await kept()).toBe(0)
  })

  it('a second commit throws', async () => {
    const { sessions } = site()
    const session = await sessions.open(request(null))
    await sessions.commit(session, new Response('ok'))
    await expect(sessions.commit(session, new Response('ok'))).rejects.toMatchObject({
      code: 'ERR_SESSION_COMMITTED',
    })
  })

  it('a stream that is still being made can read but not write [H14]', async () => {
    const { sessions } = site()
    const errors: unknown[] = []
    const fetch = sessions.wrap(async (_, open) => {
      const session = await open()
      session.set('a', 1)
      return new Response(
        new ReadableStream(
          {
            pull(controller) {
              try {
                session.set('a', 2)
              } catch (error) {
                errors.push(error)
              }
              controller.enqueue(new TextEncoder().encode(String(session.get('a'))))
              controller.close()
            },
          },
          { highWaterMark: 0 },
        ),
      )
    })
    expect(await (await fetch(request(null))).text()).toBe('1')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' })])
  })
})

describe('wrap', () => {
  it('waits for the write even if the handler did not await what it asked for [H19]', async () => {
    const { sessions, kept } = site()
    const fetch = sessions.wrap(async (_, open) => {
      void open().then((session) => session.set('a', 1))
      await Promise.resolve()
      await new Promise((resolve) => setTimeout(resolve))
      return new Response('ok')
    })
    expect((await fetch(request(null))).headers.getSetCookie()).toHaveLength(1)
    expect(await kept()).toBe(1)
  })

  it('waits for a session that the handler asked for and did not wait for [H19]', async () => {
    const { sessions, kept } = site()
    const fetch = sessions.wrap((_, open) => {
      void open().then((session) => session.set('a', 1))
      return new Response('ok')
    })
    expect((await fetch(request(null))).headers.getSetCookie()).toHaveLength(1)
    expect(await kept()).toBe(1)
  })

  it('refuses to open a session for the first time when the response has left [H16]', async () => {
    const { sessions, calls } = site()
    const late: unknown[] = []
    for (const fails of [false, true]) {
      let openLater = (): Promise<unknown> => Promise.resolve()
      const fetch = sessions.wrap((_, open) => {
        openLater = open
        if (fails) throw new Error('boom')
        return new Response('ok')
      })
      await fetch(request(null)).catch(() => {})
      await openLater().catch((error: unknown) => late.push(error))
    }
    const error = expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' })
    expect(late).toEqual([error, error])
    expect(calls()).toEqual([])
  })

  it('drops what a handler had changed that throws, and passes its error on', async () => {
    const { sessions, calls } = site()
    const boom = new Error('boom')
    const fetch = sessions.wrap(async (_, open) => {
      ;(await open()).set('a', 1)
      throw boom
    })
    await expect(fetch(request(null))).rejects.toBe(boom)
    expect(calls()).toEqual([])
  })

  it('gives the handler what the platform gave, and leaves a touch to its waitUntil', async () => {
    const { sessions, visit, clock, calls } = site()
    const { cookie } = await visit(null, store1)
    clock.advance(600)
    calls()
    const context = {
      waited: [] as Promise<unknown>[],
      waitUntil(promise: Promise<unknown>) {
        this.waited.push(promise)
      },
    }
    const fetch = sessions.wrap(async (_, open, env: { name: string }, ctx: typeof context) => {
      expect(ctx).toBe(context)
      return new Response(`${env.name} ${(await open()).get('a')}`)
    })
    const response = await fetch(request(cookie), { name: 'env' }, context)
    expect(await response.text()).toBe('env 1')
    expect(context.waited).toHaveLength(1)
    await context.waited[0]
    expect(calls()).toEqual(['read', 'touch'])
  })

  it('lets a handler answer although the store could not be read', async () => {
    const { sessions, visit } = site({
      wrapStore: (store) => ({ ...store, read: () => Promise.reject(new Error('down')) }),
    })
    const { cookie } = await visit(null, store1)
    const fetch = sessions.wrap(async (_, open) => {
      try {
        await open()
        return new Response('fine')
      } catch {
        return new Response('The shop is closed', { status: 503 })
      }
    })
    const response = await fetch(request(cookie))
    expect(response.status).toBe(503)
    expect(response.headers.getSetCookie()).toEqual([])
  })
})

describe('discard', () => {
  it('forgets what this request changed and reads as the store had it [H4]', async () => {
    const { visit, calls } = site()
    const { cookie } = await visit(null, store1)
    calls()
    await visit(cookie, (session) => {
      session.set('a', 2)
      session.signIn('ada', { method: 'password' })
      session.discard()
      expect(session.get('a')).toBe(1)
      expect(session.subject).toBeNull()
    })
    expect(calls()).toEqual(['read'])
  })

  it('does not undo what was revoked', async () => {
    const { visit } = site()
    const { cookie } = await visit(null, store1)
    const { setCookies } = await visit(cookie, async (session) => {
      await session.revoke()
      session.set('b', 2)
      session.discard()
    })
    expect(setCookies[0]).toMatch(/Max-Age=0$/)
  })
})

describe('values', () => {
  it('equal to those that stand there are no change and cost no write [H6]', async () => {
    const { visit, calls } = site()
    const { cookie } = await visit(null, (session) => session.set('cart', [{ id: 1, n: 2 }]))
    calls()
    await visit(cookie, (session) => {
      session.set('cart', [{ id: 1, n: 2 }])
      session.update('cart', (value) => value)
      expect(session.delete('nothing')).toBe(false)
    })
    expect(calls()).toEqual(['read'])
  })

  it('changed inside are not noticed; update is there for that [H5]', async () => {
    const { visit, calls } = site<{ cart: string[] }>()
    const { cookie } = await visit(null, (session) => session.set('cart', ['lamp']))
    calls()
    await visit(cookie, (session) => void (session.get('cart') as string[]).push('rug'))
    expect(calls()).toEqual(['read'])
    await visit(cookie, (session) => session.update('cart', (cart = []) => [...cart, 'rug']))
    await visit(cookie, (session) => expect(session.get('cart')).toEqual(['lamp', 'rug']))
  })

  it('changed inside and set again are saved, and changed inside alone never are', async () => {
    const { visit } = site<{ cart: string[]; other: number }>()
    const { cookie } = await visit(null, (session) => session.set('cart', ['lamp']))
    await visit(cookie, (session) => {
      const cart = session.get('cart') as string[]
      cart.push('rug')
      session.set('cart', cart)
    })
    await visit(cookie, (session) => {
      ;(session.get('cart') as string[]).push('never')
      ;(session.data.cart as string[]).push('nor this')
      session.set('other', 1)
      expect(session.get('cart')).toEqual(['lamp', 'rug'])
    })
    await visit(cookie, (session) => expect(session.get('cart')).toEqual(['lamp', 'rug']))
  })

  it('that an update changes in place and gives back are saved', async () => {
    const { visit } = site<{ cart: string[] }>()
    const { cookie } = await visit(null, (session) => session.set('cart', ['lamp']))
    await visit(cookie, (session) =>
      session.update('cart', (cart = []) => {
        const same = cart as string[]
        same.push('rug')
        return same
      }),
    )
    await visit(cookie, (session) => expect(session.get('cart')).toEqual(['lamp', 'rug']))
  })

  it('are copies, going in and coming out [G7]', async () => {
    const { visit } = site<{ cart: string[] }>()
    const mine = ['lamp']
    const { cookie } = await visit(null, (session) => {
      session.set('cart', mine)
      mine.push('never stored')
      expect(session.get('cart')).toEqual(['lamp'])
    })
    mine.push('nor this')
    await visit(cookie, (session) => void (session.get('cart') as string[]).push('nor that'))
    await visit(cookie, (session) => expect(session.get('cart')).toEqual(['lamp']))
  })

  it('that JSON would lose or change are a TypeError that names the key, and change nothing', async () => {
    const { visit } = site<Record<string, unknown>>()
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const bad: [string, unknown][] = [
      ['undefined', undefined],
      ['a function', () => {}],
      ['a symbol', Symbol('s')],
      ['a BigInt', 1n],
      ['NaN', Number.NaN],
      ['Infinity', Number.POSITIVE_INFINITY],
      ['a Date', new Date(0)],
      ['a Map', new Map()],
      ['a Set', new Set()],
      ['a RegExp', /x/],
      ['bytes', new Uint8Array(2)],
      ['an instance', new (class Basket {})()],
      ['a promise', Promise.resolve(1)],
      ['a hole', [undefined]],
      ['a toJSON', { toJSON: () => 1 }],
      ['a cycle', cycle],
      ['a wrapper', Object(1)],
    ]
    await visit(null, (session) => {
      for (const [kind, value] of bad) {
        if (kind !== 'undefined') {
          expect(() => session.set('deep', { a: [value] }), kind).toThrow(TypeError)
        }
        expect(() => session.set('key', value), kind).toThrow(/"key"/)
        expect(() => session.update('key', () => value ?? Symbol('s')), kind).toThrow(/"key"/)
      }
      expect(session.data).toEqual({})
    })
  })

  it('of members that are undefined are left out, as JSON does', async () => {
    const { visit } = site<Record<string, unknown>>()
    await visit(null, (session) => {
      session.set('a', { b: undefined, c: 1 })
      expect(session.get('a')).toEqual({ c: 1 })
    })
  })

  it('of a key are removed by an update that gives undefined', async () => {
    const { visit } = site()
    const { cookie } = await visit(null, (session) => session.set('a', 1).set('b', 2))
    await visit(cookie, (session) => session.update('a', () => undefined))
    await visit(cookie, (session) => expect(session.data).toEqual({ b: 2 }))
  })
})

// What fetch() gives back: headers that refuse every change.
