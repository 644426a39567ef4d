import type { SessionOptions } from '@sojourn/node/express-session'
import { describe, expect, it } from 'vitest'
import { count, done, type Handle, modules, site, stopClock, usual, visitor } from './kit.ts'

// What express-session's own suite says of it, in our words. All of it runs on both, so each is known to be true of the original.
describe.each(modules)('$name', ({ session }) => {
  const open = (options: SessionOptions, handle: Handle = count, before?: Handle) =>
    site(session({ ...usual, ...options }), handle, before)

  describe('sets its cookie', () => {
    it.each([{ key: 'session_id' }, { name: 'session_id' }])(
      'under the name given: %o',
      async (named) => {
        const { cookies } = await visitor(await open(named)).get()
        expect(cookies[0]).toMatch(/^session_id=/)
      },
    )

    it('again only for what changed, where it expires', async () => {
      let changes = true
      const one = visitor(
        await open({}, (request, response) => (changes ? count : done)(request, response)),
      )
      await one.get()
      expect((await one.get()).cookies).toHaveLength(1)
      changes = false
      expect((await one.get()).cookies).toHaveLength(0)
    })

    it('only once, where it does not expire', async () => {
      const one = visitor(await open({ cookie: { path: '/admin' } }))
      const { cookies } = await one.get('/admin/foo')
      expect(cookies[0]).not.toMatch(/Expires/)
      expect((await one.get('/admin')).cookies).toEqual([])
      expect((await one.get('/admin')).text).toBe('3')
    })

    it('with each response where "rolling" says so, but not for an empty session', async () => {
      const one = visitor(
        await open(
          { rolling: true, saveUninitialized: false },
          ({ session: bag, url }, response) => {
            if (url === '/set') bag.user = 'bob'
            response.end()
          },
        ),
      )
      expect((await one.get('/')).cookies).toEqual([])
      expect((await one.get('/set')).cookies).toHaveLength(1)
      expect((await one.get('/')).cookies).toHaveLength(1)
    })

    it('with an expiry that moves', async () => {
      const advance = stopClock()
      const one = visitor(await open({ rolling: true }))
      const expiry = async () => /Expires=([^;]+)/.exec((await one.get()).cookies[0] ?? '')?.[1]
      expect(Date.parse(String(await expiry()))).toBe(Date.now() + 60_000)
      advance(5000)
      expect(Date.parse(String(await expiry()))).toBe(Date.now() + 60_000)
    })

    it('only below its path, wherever it is mounted', async () => {
      const mount: Handle = (request) => {
        if (!request.url?.startsWith('/foo/')) return
        request.originalUrl = request.url
        request.url = request.url.slice(4)
      }
      const one = visitor(await open({ cookie: { path: '/foo/bar' } }, done, mount))
      expect((await one.get('/foo/bar')).cookies).toHaveLength(1)
      expect(
        (await visitor(await open({ cookie: { path: '/foo/bar' } }, done)).get('/')).cookies,
      ).toEqual([])
      expect((await one.get('/foo/foo/bar')).cookies).toEqual([])
    })

    it('beside the cookies of the application, set by name or in `writeHead`', async () => {
      const cookie = new session.Cookie().serialize('theme', 'dark blue')
      const url = await open({}, (request, response) => {
        if (request.url === '/head') response.writeHead(200, { 'Set-Cookie': cookie }).end()
        else response.setHeader('set-cookie', cookie).end()
      })
      for (const path of ['/', '/head']) {
        const { cookies } = await visitor(url).get(path)
        expect(cookies).toEqual([
          'theme=dark%20blue; Path=/; HttpOnly',
          expect.stringMatching(/^connect/),
        ])
      }
    })

    it('with what the request says in `req.session.cookie`', async () => {
      const options = {
        httpOnly: false,
        maxAge: 5000,
        path: '/admin',
        priority: 'high',
        secure: true,
      }
      const url = await open({ cookie: options as never }, (request, response) => {
        request.session.cookie.secure = false
        request.session.cookie.sameSite = 'strict'
        request.session.cookie.partitioned = true
        request.session.cookie.domain = 'app.test'
        response.end()
      })
      const [cookie = ''] = (await visitor(url).get('/admin')).cookies
      const attributes = cookie.split('; ').slice(1)
      expect(attributes.toSorted()).toEqual([
        'Domain=app.test',
        expect.stringMatching(/^Expires=/),
        'Partitioned',
        'Path=/admin',
        'Priority=High',
        'SameSite=Strict',
      ])
    })

    it('with what a function makes of the request', async () => {
      const cookie = (request: { url?: string }) => ({ path: request.url ?? '/' })
      const url = await open({ cookie: cookie as never })
      expect((await visitor(url).get('/somewhere')).cookies[0]).toMatch(/; Path=\/somewhere;/)
    })
  })

  describe('tells HTTPS', () => {
    const https = { 'x-forwarded-proto': 'https' }
    const asSecure: Handle = (request) => {
      request.secure = request.headers['x-secure'] === 'true'
    }
    it.each([
      { proxy: true, headers: https, sets: 1 },
      { proxy: true, headers: { 'x-forwarded-proto': 'https,http' }, sets: 1 },
      { proxy: true, headers: {}, sets: 0 },
      { proxy: false, headers: https, sets: 0 },
      { proxy: false, headers: { ...https, 'x-secure': 'true' }, sets: 0 },
      { proxy: undefined, headers: https, sets: 0 },
      { proxy: undefined, headers: { ...https, 'x-secure': 'true' }, sets: 1 },
    ])('for a Secure cookie: %o', async ({ proxy, headers, sets }) => {
      const url = await open({ proxy, cookie: { secure: true } }, count, asSecure)
      expect((await visitor(url).get('/', headers as never)).cookies).toHaveLength(sets)
    })

    it.each([
      { proxy: true, headers: https, secure: true },
      { proxy: false, headers: https, secure: false },
      { proxy: undefined, headers: { 'x-secure': 'true' }, secure: true },
      { proxy: undefined, headers: { 'x-secure': 'false' }, secure: false },
    ])('for a cookie that is as secure as the request: %o', async ({ proxy, headers, secure }) => {
      const options = { proxy, cookie: { secure: 'auto', sameSite: 'auto' } as const }
      const url = await open(options, count, asSecure)
      const [cookie = ''] = (await visitor(url).get('/', headers as never)).cookies
      expect(/; Secure/.test(cookie)).toBe(secure)
      expect(cookie).toMatch(secure ? /SameSite=None/ : /SameSite=Lax/)
    })
  })

  describe('has a cookie', () => {
    it('whose original age is the same in all requests', async () => {
      const advance = stopClock()
      const one = visitor(
        await open({ cookie: { maxAge: 2000 } }, (request, response) =>
          response.end(String(request.session.cookie.originalMaxAge)),
        ),
      )
      expect((await one.get()).text).toBe('2000')
      advance(100)
      expect((await one.get()).text).toBe('2000')
    })

    it.each([5000, 3_000_000_000])('whose age can be set: %d', async (maxAge) => {
      stopClock()
      const one = visitor(
        await open({}, (request, response) => {
          if (request.url === '/age') request.session.cookie.maxAge = maxAge
          count(request, response)
        }),
      )
      await one.get()
      const [cookie = ''] = (await one.get('/age')).cookies
      expect(Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '')).toBe(Date.now() + maxAge)
    })

    it('whose expiry can be set to an instant, or to none', async () => {
      stopClock()
      const one = visitor(
        await open({}, (request, response) => {
          request.session.cookie.expires = request.url === '/zero' ? new Date(0) : null
          count(request, response)
        }),
      )
      expect(
        (
          await visitor(
            await open({}, (request, response) => {
              request.session.cookie.expires = new Date(0)
              response.end()
            }),
          ).get()
        ).cookies[0],
      ).toMatch(/Expires=Thu, 01 Jan 1970 00:00:00 GMT/)
      expect((await one.get()).cookies[0]).not.toMatch(/Expires/)
      expect((await one.get()).cookies).toEqual([])
      expect((await one.get()).text).toBe('3')
    })

    it('as a class of its own, with the defaults of express-session', () => {
      stopClock()
      const { Cookie } = session
      const expires = new Date(Date.now() + 1000)
      const { path, httpOnly, maxAge, originalMaxAge, expires: none } = new Cookie()
      expect([path, httpOnly, maxAge, originalMaxAge, none]).toEqual(['/', true, null, null, null])
      const given = new Cookie({ expires, httpOnly: false, path: '/foo' })
      expect([given.expires, given.maxAge, given.httpOnly, given.path]).toEqual([
        expires,
        1000,
        false,
        '/foo',
      ])
      expect(JSON.parse(JSON.stringify(given))).toEqual({
        originalMaxAge: 1000,
        expires: expires.toJSON(),
        httpOnly: false,
        path: '/foo',
      })
      expect(() => new Cookie('no' as never)).toThrow(TypeError)
      expect(() => new Cookie({ maxAge: 'no' as never })).toThrow(TypeError)
    })
  })
})
