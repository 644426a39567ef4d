import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { browser, type CrossSite, clock as startClock } from '../src/testing/index.ts'

const DAY = 86_400

/** A browser, its clock, and what it sent: every request is answered with its cookies as text. */
function setup(origin = 'https://app.test') {
  const clock = startClock()
  const echo = (request: Request) => new Response(request.headers.get('cookie'))
  const b = browser(echo, { clock, origin })
  return {
    b,
    clock,
    /** The `Cookie` header of a request. */
    async sent(target = '/', init: Parameters<typeof b.fetch>[1] = {}): Promise<string> {
      return (await b.fetch(target, init)).text()
    },
    /** Why a line is refused, or `null`. */
    verdict(line: string, from?: string): string | null {
      return b.setCookie(line, from) ? null : (b.refused.at(-1)?.reason ?? '')
    },
  }
}

describe('requests of a browser', () => {
  it('say where they come from, as guards against CSRF expect', async () => {
    const seen: (string | null)[][] = []
    const b = browser((request) => {
      seen.push(['origin', 'sec-fetch-site'].map((name) => request.headers.get(name)))
      return new Response('ok')
    })
    await b.get('/')
    await b.post('/')
    await b.post('/', null, { crossSite: 'navigation' })
    await b.post('/', null, { headers: { origin: 'null', 'sec-fetch-site': 'none' } })
    expect(seen).toEqual([
      [null, 'same-origin'],
      ['https://app.test', 'same-origin'],
      ['https://elsewhere.test', 'cross-site'],
      ['null', 'none'],
    ])
  })
})

describe('a browser', () => {
  it('sends back what a response has set, and nothing else of it', async () => {
    const asked: (string | null)[] = []
    const b = browser((request) => {
      asked.push(request.headers.get('cookie'))
      return new Response('', { headers: { 'set-cookie': 'id=1; Path=/; HttpOnly; Secure' } })
    })
    await b.get('/')
    await b.get('/deeper')
    expect(asked).toEqual([null, 'id=1'])
    expect(b.refused).toEqual([])
  })

  it('takes several Set-Cookie lines of one response [B8]', async () => {
    const headers = new Headers()
    for (const line of ['a=1', 'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT', 'c=3']) {
      headers.append('set-cookie', line)
    }
    const b = browser(() => new Response('', { headers }))
    await b.get('/')
    expect(b.cookies.map(({ name, value }) => `${name}=${value}`)).toEqual(['a=1', 'b=2', 'c=3'])
  })

  it('loses every cookie but the first of a joined line [B8]', () => {
    const { b } = setup()
    b.setCookie('a=1, b=2; Path=/')
    expect(b.cookies).toMatchObject([{ name: 'a', value: '1, b=2' }])
  })

  it('shows a cookie with all that is known of it', () => {
    const { b, clock } = setup()
    b.setCookie('id=v; Domain=.APP.test; Path=/x; Max-Age=60; Secure; HttpOnly; SameSite=strict')
    expect(b.cookie('id')).toEqual({
      name: 'id',
      value: 'v',
      domain: 'app.test',
      hostOnly: false,
      path: '/x',
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
      partitioned: false,
      createdAt: clock(),
      expiresAt: clock() + 60_000,
    })
    expect(b.cookie('other')).toBeUndefined()
  })

  it('sends longer paths first, then older cookies', async () => {
    const { b, clock, sent } = setup()
    for (const line of ['a=1; Path=/', 'b=2; Path=/x/y', 'c=3; Path=/x', 'd=4; Path=/']) {
      b.setCookie(line)
      clock.advance(1)
    }
    b.setCookie('a=5; Path=/')
    expect(await sent('/x/y/z')).toBe('b=2; c=3; a=5; d=4')
  })

  it('sends a cookie without a name as its value alone', async () => {
    const { b, sent } = setup()
    b.setCookie('lonely')
    b.setCookie('=other; Path=/x')
    expect(await sent('/x')).toBe('other; lonely')
  })

  it('posts an object as a form would, and anything else as it is', async () => {
    const bodies: [string | null, string][] = []
    const b = browser(async (request) => {
      const body = new TextDecoder().decode(await request.arrayBuffer())
      bodies.push([request.headers.get('content-type'), body])
      return new Response(request.method)
    })
    expect(await (await b.post('/', { name: 'ada & bob' })).text()).toBe('POST')
    await b.post('/', '{}', { headers: { 'content-type': 'application/json' } })
    await b.post('/')
    expect(bodies).toEqual([
      ['application/x-www-form-urlencoded;charset=UTF-8', 'name=ada+%26+bob'],
      ['application/json', '{}'],
      [null, ''],
    ])
  })

  it('sends a Cookie header that the test gives instead of its own', async () => {
    const { b, sent } = setup()
    b.setCookie('a=1')
    expect(await sent('/', { headers: { cookie: 'forged=1' } })).toBe('forged=1')
  })

  it('forgets its cookies when told to', () => {
    const { b } = setup()
    b.setCookie('a=1; Max-Age=60')
    b.clearCookies()
    expect(b.cookies).toEqual([])
  })
})

describe('redirects', () => {
  const site = browser(async (request) => {
    const { pathname } = new URL(request.url)
    const status = Number(pathname.slice(1))
    if (!status) return new Response(`${request.method} ${await request.text()}`)
    const headers = { location: '/end', 'set-cookie': `at${status}=1` }
    return new Response(null, { status, headers })
  })

  it('are not followed unless asked for, and set their cookies', async () => {
    const response = await site.get('/302')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/end'])
    expect(site.cookie('at302')?.value).toBe('1')
  })

  it.each([
    [301, 'POST', 'GET '],
    [302, 'POST', 'GET '],
    [303, 'POST', 'GET '],
    [307, 'POST', 'POST body'],
    [308, 'POST', 'POST body'],
    [302, 'PUT', 'PUT body'],
    [303, 'PUT', 'GET '],
  ])(
    'are followed with the method and body of the Fetch standard: %i after %s',
    async (status, method, seen) => {
      const response = await site.follow(`/${status}`, { method, body: 'body' })
      expect(await response.text()).toBe(seen)
    },
  )

  it('leave a HEAD a HEAD', async () => {
    const methods: string[] = []
    const b = browser(({ method, url }) => {
      methods.push(method)
      const headers = { location: '/end' }
      return url.endsWith('/end') ? new Response() : new Response(null, { status: 303, headers })
    })
    await b.follow('/', { method: 'HEAD' })
    expect(methods).toEqual(['HEAD', 'HEAD'])
  })

  it('lead on from where they come', async () => {
    const b = browser(({ url }) => {
      const headers = { location: 'next' }
      return url.endsWith('page') ? new Response(null, { status: 302, headers }) : new Response(url)
    })
    expect(await (await b.follow('/dir/page')).text()).toBe('https://app.test/dir/next')
  })

  it('carry the cookies that the one before has set, and nothing of a body that is gone', async () => {
    const b = browser((request) => {
      const { headers } = request
      if (headers.get('cookie') === 'step=1') return new Response(headers.get('content-type'))
      return new Response(null, { status: 303, headers: { location: '', 'set-cookie': 'step=1' } })
    })
    const headers = { 'content-type': 'application/json' }
    const response = await b.follow('/', { method: 'POST', body: '{}', headers })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('end somewhere', async () => {
    const b = browser(() => new Response(null, { status: 302, headers: { location: '/' } }))
    await expect(b.follow('/')).rejects.toThrow('More than 20 redirects')
  })
})

describe('Domain', () => {
  it('left out or empty, keeps the cookie to the host that set it', async () => {
    const { b, sent } = setup()
    b.setCookie('a=1')
    b.setCookie('b=2; Domain=')
    expect(b.cookies.every(({ hostOnly }) => hostOnly)).toBe(true)
    expect(await sent('/')).toBe('a=1; b=2')
    expect(await sent('https://www.app.test/')).toBe('')
    expect(await sent('https://test/')).toBe('')
  })

  it('gives the cookie to the hosts below, with or without a leading dot', async () => {
    const { b, sent } = setup()
    b.setCookie('a=1; Domain=app.test', 'https://www.app.test')
    b.setCookie('b=2; Domain=.app.test', 'https://www.app.test')
    for (const host of ['app.test', 'www.app.test', 'a.b.app.test']) {
      expect(await sent(`https://${host}/`)).toBe('a=1; b=2')
    }
    for (const host of ['myapp.test', 'app.test.evil', 'other.test']) {
      expect(await sent(`https://${host}/`)).toBe('')
    }
  })

  it.each([
    ['other.test', 'https://app.test'],
    ['www.app.test', 'https://app.test'],
    ['pp.test', 'https://app.test'],
    ['test', 'https://app.test'],
    ['0.0.1', 'https://127.0.0.1'],
  ])('%s is refused from %s', (domain, from) => {
    expect(setup().verdict(`a=1; Domain=${domain}`, from)).toMatch(/^Domain is/)
  })

  it('of localhost itself keeps the cookie to it', () => {
    const { b } = setup('http://localhost:3000')
    expect(b.setCookie('a=1; Domain=localhost')).toBe(true)
    expect(b.cookie('a')).toMatchObject({ domain: 'localhost', hostOnly: true })
  })

  it('keeps cookies of one name apart', async () => {
    const { b, sent } = setup()
    b.setCookie('id=host')
    b.setCookie('id=all; Domain=app.test')
    b.setCookie('id=www; Domain=www.app.test', 'https://www.app.test')
    expect(await sent('/')).toBe('id=host; id=all')
    expect(await sent('https://www.app.test/')).toBe('id=all; id=www')
  })

  it('counts neither case nor port', async () => {
    const { b, sent } = setup()
    b.setCookie('a=1; Domain=APP.TEST', 'https://APP.test:8443')
    expect(await sent('https://App.Test:9000/')).toBe('a=1')
  })
})

describe('Path', () => {
  it.each([
    ['/foo', '/foo', true],
    ['/foo', '/foo/', true],
    ['/foo', '/foo/bar', true],
    ['/foo', '/foobar', false],
    ['/foo', '/', false],
    ['/foo', '/FOO', false],
    ['/foo/', '/foo/bar', true],
    ['/foo/', '/foo', false],
    ['/', '/anything', true],
    ['/foo', '/foo?query', true],
  ])('%s covers %s: %s [B18]', async (path, target, covers) => {
    const { b, sent } = setup()
    b.setCookie(`a=1; Path=${path}`)
    expect(await sent(target)).toBe(covers ? 'a=1' : '')
  })

  it.each([
    ['https://app.test', '/'],
    ['https://app.test/page', '/'],
    ['https://app.test/dir/', '/dir'],
    ['https://app.test/dir/page?q=/x/y', '/dir'],
    ['https://app.test/a/b/c', '/a/b'],
  ])('left out, is that of the directory: %s gives %s', (from, path) => {
    const { b } = setup()
    for (const line of ['a=1', 'b=2; Path', 'c=3; Path=relative', 'd=4; Path=']) {
      b.setCookie(line, from)
    }
    expect(b.cookies.map((cookie) => cookie.path)).toEqual([path, path, path, path])
  })

  it('of another kind leaves the cookie that was to be removed alive [B20]', async () => {
    const { b, sent } = setup()
    b.setCookie('a=1; Path=/foo')
    b.setCookie('a=; Path=/; Max-Age=0')
    expect(await sent('/foo')).toBe('a=1')
    b.setCookie('a=; Path=/foo; Max-Age=0')
    expect(await sent('/foo')).toBe('')
  })
})

describe('the expiry of a cookie', () => {
  it('is exact by the clock of the test', async () => {
    const { b, clock, sent } = setup()
    b.setCookie('a=1; Max-Age=60')
    clock.advance(59.999)
    expect(await sent()).toBe('a=1')
    clock.advance(0.001)
    expect(await sent()).toBe('')
    expect(b.cookies).toEqual([])
  })

  it('without Max-Age and Expires is the end of the browser session [B14]', () => {
    const { b, clock } = setup()
    b.setCookie('session=1')
    b.setCookie('kept=1; Max-Age=60')
    clock.advance(30)
    b.restart()
    expect(b.cookies.map(({ name }) => name)).toEqual(['kept'])
  })

  it.each(['0', '-1', '-99999999999'])('of Max-Age=%s removes the cookie', (age) => {
    const { b } = setup()
    b.setCookie('a=1; Max-Age=60')
    expect(b.setCookie(`a=1; Max-Age=${age}`)).toBe(true)
    expect(b.cookies).toEqual([])
  })

  it.each(['60.5', '"60"', 'NaN', 'Infinity', '', '+60', '6e1', '0x3c', '60s'])(
    'is no matter of Max-Age=%s, which is no integer [B11]',
    (age) => {
      const { b } = setup()
      b.setCookie(`a=1; Max-Age=${age}`)
      expect(b.cookie('a')?.expiresAt).toBeNull()
    },
  )

  it('is that of Max-Age whatever Expires says [B13]', () => {
    const { b, clock } = setup()
    b.setCookie('a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    b.setCookie('b=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60')
    expect(b.cookies.map(({ expiresAt }) => expiresAt)).toEqual([
      clock() + 60_000,
      clock() + 60_000,
    ])
  })

  it('is that of Expires where Max-Age is not usable', () => {
    const { b } = setup()
    b.setCookie('a=1; Expires=Sun, 01 Mar 2026 00:00:00 GMT; Max-Age=soon')
    expect(b.cookie('a')?.expiresAt).toBe(Date.UTC(2026, 2, 1))
  })

  it.each([
    'a=1; Max-Age=34560001',
    'a=1; Max-Age=99999999999999999999',
    'a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT',
  ])('is at most 400 days away: %s [B12]', (line) => {
    const { b, clock } = setup()
    b.setCookie(line)
    expect(b.cookie('a')?.expiresAt).toBe(clock() + 400 * DAY * 1000)
  })

  it('is that of the last attribute of a name', () => {
    const { b, clock } = setup()
    b.setCookie('a=1; Max-Age=60; MAX-AGE=120')
    expect(b.cookie('a')?.expiresAt).toBe(clock() + 120_000)
  })

  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun, 01 Feb 2026 1:2:3 UTC', Date.UTC(2026, 1, 1, 1, 2, 3)],
    ['1 FEBRUARY 26 00:00:00', Date.UTC(2026, 1, 1)],
    ['2026-feb-01 00:00:00', Date.UTC(2026, 1, 1)],
    ['01-Feb-69 00:00:00', Date.UTC(2069, 1, 1)],
    ['01-Feb-70 00:00:00', Date.UTC(1970, 1, 1)],
  ])('is read from Expires=%s', (text, instant) => {
    const { b, clock } = setup()
    clock.set(Math.min(instant, clock()) - 1000)
    b.setCookie(`a=1; Expires=${text}`)
    expect(b.cookie('a')?.expiresAt).toBe(Math.min(instant, clock() + 400 * DAY * 1000))
  })

  it.each([
    'soon',
    '',
    '31 Feb 2026 00:00:00',
    '0 Jan 2026 00:00:00',
    '32 Jan 2026 00:00:00',
    '01 Jan 1600 00:00:00',
    '01 Jan 2026 24:00:00',
    '01 Jan 2026 00:60:00',
    '01 Jan 2026 00:00:60',
    '01 Jan 2026 00:00:000',
    '01 Jan 2026',
    '01 Foo 2026 00:00:00',
  ])('is not read from Expires=%s', (text) => {
    const { b } = setup()
    b.setCookie(`a=1; Expires=${text}`)
    expect(b.cookie('a')?.expiresAt).toBeNull()
  })
})

describe('Secure', () => {
  it('keeps the cookie from plain HTTP', async () => {
    const { b, sent } = setup()
    b.setCookie('a=1; Secure')
    expect(await sent('https://app.test/')).toBe('a=1')
    expect(await sent('http://app.test/')).toBe('')
  })

  it('is refused from plain HTTP, but for this machine [B17]', () => {
    const { verdict } = setup()
    expect(verdict('a=1; Secure', 'http://app.test')).toBe('Secure from an insecure origin')
    for (const host of ['localhost:3000', 'app.localhost', '127.0.0.1:8080', '[::1]']) {
      expect(verdict('a=1; Secure', `http://${host}`)).toBeNull()
    }
    expect(verdict('a=1; Secure', 'http://localhost.evil.test')).not.toBeNull()
  })

  it('cannot be covered or replaced from plain HTTP', async () => {
    const { b, sent, verdict } = setup()
    b.setCookie('id=good; Secure; Path=/x; Domain=app.test')
    const reason = 'it covers a Secure cookie'
    expect(verdict('id=evil; Path=/x', 'http://app.test')).toBe(reason)
    expect(verdict('id=evil; Path=/x/y', 'http://app.test')).toBe(reason)
    expect(verdict('id=evil; Path=/x; Domain=app.test', 'http://www.app.test')).toBe(reason)
    expect(verdict('id=; Path=/x; Max-Age=0', 'http://app.test')).toBe(reason)
    b.setCookie('sub=good; Secure', 'https://www.app.test')
    b.setCookie('top=good; Secure; Domain=app.test')
    expect(verdict('sub=evil; Domain=app.test', 'http://www.app.test')).toBe(reason)
    expect(verdict('top=evil', 'http://www.app.test')).toBe(reason)
    expect(verdict('sub=apart; Path=/x', 'http://other.test')).toBeNull()
    b.setCookie('plain=1; Path=/')
    expect(verdict('plain=2; Path=/', 'http://app.test')).toBeNull()
    expect(verdict('id=other; Path=/', 'http://app.test')).toBeNull()
    expect(verdict('else=1; Path=/x', 'http://app.test')).toBeNull()
    expect(await sent('https://app.test/x')).toBe('id=good; else=1; top=good; plain=2; id=other')
  })
})

describe('SameSite', () => {
  const all = ['s=1; SameSite=Strict', 'l=1; SameSite=Lax', 'd=1', 'n=1; SameSite=None; Secure']

  it.each<[CrossSite | undefined, string, string]>([
    [undefined, 'GET', 's=1; l=1; d=1; n=1'],
    [undefined, 'POST', 's=1; l=1; d=1; n=1'],
    ['navigation', 'GET', 'l=1; d=1; n=1'],
    ['navigation', 'HEAD', 'l=1; d=1; n=1'],
    ['navigation', 'POST', 'n=1'],
    ['subresource', 'GET', 'n=1'],
    ['subresource', 'POST', 'n=1'],
  ])('with a cross-site %s by %s lets go what it should', async (crossSite, method, expected) => {
    const { b, sent } = setup()
    for (const line of all) b.setCookie(line)
    expect(await sent('/', { method, ...(crossSite && { crossSite }) })).toBe(expected)
  })

  it('decides what the response to a cross-site request may set', async () => {
    const headers = new Headers()
    for (const line of all) headers.append('set-cookie', line)
    const b = browser(() => new Response('', { headers }))
    await b.get('/', { crossSite: 'subresource' })
    expect(b.cookies.map(({ name }) => name)).toEqual(['n'])
    expect(b.refused.map(({ reason }) => reason)).toEqual(
      Array(3).fill('its response is cross-site'),
    )
    await b.get('/', { crossSite: 'navigation' })
    expect(b.cookies).toHaveLength(4)
  })

  it.each([
    ['None', 'None'],
    ['none', 'None'],
    ['LAX', 'Lax'],
    ['strict', 'Strict'],
    ['other', null],
    ['', null],
  ])('%s is taken for %s', (text, sameSite) => {
    const { b } = setup()
    b.setCookie(`a=1; Secure; SameSite=${text}`)
    expect(b.cookie('a')?.sameSite).toBe(sameSite)
  })

  it('None without Secure is refused, and so is Partitioned [B3]', () => {
    const { verdict } = setup()
    expect(verdict('a=1; SameSite=None')).toBe('SameSite=None without Secure')
    expect(verdict('a=1; Partitioned')).toBe('Partitioned without Secure')
    expect(verdict('a=1; SameSite=None; Secure; Partitioned')).toBeNull()
  })
})

describe('the prefix of a name', () => {
  it.each([
    ['__Secure-a=1; Secure'],
    ['__Secure-a=1; Secure; Domain=app.test; Path=/x'],
    ['__Host-a=1; Secure; Path=/'],
    ['__Host-a=1; Secure; Path=/; Domain='],
    ['__Http-a=1; Secure; HttpOnly; Path=/x; Domain=app.test'],
    ['__Host-Http-a=1; Secure; HttpOnly; Path=/'],
    ['__Hosta=1'],
    ['_Host-a=1'],
    ['a__Host-=1'],
  ])('is honoured: %s', (line) => {
    expect(setup().verdict(line)).toBeNull()
  })

  it.each([
    ['__Secure-a=1', 'without Secure'],
    ['__Host-a=1; Path=/', 'without Secure'],
    ['__Http-a=1; HttpOnly', 'without Secure'],
    ['__Host-a=1; Secure; Path=/; Domain=app.test', 'with Domain'],
    ['__Host-a=1; Secure; Path=/; Domain=.app.test', 'with Domain'],
    ['__Host-Http-a=1; Secure; HttpOnly; Path=/; Domain=app.test', 'with Domain'],
    ['__Host-a=1; Secure', 'without Path=/'],
    ['__Host-a=1; Secure; Path=/x', 'without Path=/'],
    ['__Host-Http-a=1; Secure; HttpOnly; Path=/x', 'without Path=/'],
    ['__Http-a=1; Secure', 'without HttpOnly'],
    ['__Host-Http-a=1; Secure; Path=/', 'without HttpOnly'],
  ])('refuses %s, in any case of letters [B2, B3, B4]', (line, reason) => {
    const name = line.slice(0, line.indexOf('='))
    for (const spelt of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(setup().verdict(line.replace(name, spelt))).toBe(`its prefix ${reason}`)
    }
  })

  it('cannot be forged by the value of a cookie without a name', () => {
    const { verdict } = setup()
    expect(verdict('=__Host-a=1; Secure; Path=/')).toBe('a prefix without a name')
    expect(verdict('__secure-alone; Secure')).toBe('a prefix without a name')
    expect(verdict('=_Host-a=1')).toBeNull()
  })

  it('needs a secure origin', () => {
    expect(setup().verdict('__Host-a=1; Secure; Path=/', 'http://app.test')).not.toBeNull()
    expect(setup().verdict('__Host-a=1; Secure; Path=/', 'http://localhost')).toBeNull()
  })
})

describe('the text of a Set-Cookie line', () => {
  it('has at most 4096 bytes of name and value, attributes not counted [B5]', () => {
    const { verdict } = setup()
    const attributes = `; Path=/${'p'.repeat(1000)}; Secure`
    expect(verdict(`name=${'v'.repeat(4092)}${attributes}`)).toBeNull()
    expect(verdict(`name=${'v'.repeat(4093)}`)).toBe('name and value are over 4096 bytes')
  })

  it('loses an attribute over 1024 bytes, and nothing else of it [B6]', () => {
    const { b } = setup()
    b.setCookie(`a=1; Path=/${'p'.repeat(1023)}; Max-Age=60`)
    b.setCookie(`b=1; Path=/${'p'.repeat(1024)}; Max-Age=60`, 'https://app.test/dir/page')
    expect(b.cookies.map(({ path }) => path.length)).toEqual([1024, '/dir'.length])
    expect(b.cookies.every(({ expiresAt }) => expiresAt !== null)).toBe(true)
  })

  it('is refused for a control character, TAB included inside name and value [B7]', () => {
    const { verdict } = setup()
    for (let code = 0; code < 128; code++) {
      const char = String.fromCharCode(code)
      const isControl = code < 32 || code === 127
      expect(verdict(`a${char}b=1`) === 'it has a control character').toBe(isControl)
      expect(verdict(`a=1${char}2`) === 'it has a control character').toBe(isControl)
      const inAttribute = verdict(`a=1; Path=/${char}x`) === 'it has a control character'
      expect(inAttribute).toBe(isControl && char !== '\t')
    }
  })

  it.each([
    [' \t a \t = \t 1 \t ; Path=/', 'a', '1'],
    ['a=b=c', 'a', 'b=c'],
    ['a="quoted"', 'a', '"quoted"'],
    ['a=', 'a', ''],
    ['a=1;;;', 'a', '1'],
    ['alone', '', 'alone'],
    ['=alone', '', 'alone'],
    ['a=1 2,3', 'a', '1 2,3'],
  ])('%s is a cookie', (line, name, value) => {
    const { b } = setup()
    expect(b.setCookie(line)).toBe(true)
    expect(b.cookies).toMatchObject([{ name, value }])
  })

  it.each(['', '=', ' ; Path=/', ' = ; Secure'])('%j is none', (line) => {
    expect(setup().verdict(line)).toBe('it has neither name nor value')
  })

  it('has attributes in any case and order, and unknown ones do no harm', () => {
    const { b } = setup()
    b.setCookie('a=1;sEcUrE ; HTTPONLY=whatever;Priority=High; path = /x ;=; ;')
    expect(b.cookie('a')).toMatchObject({ secure: true, httpOnly: true, path: '/x' })
  })

  it('may be anything: the browser keeps it or says why not', async () => {
    const parts = fc.constantFrom(
      ...['a', '=', ';', ' ', '\t', '__Host-', 'Path=/', 'Domain=', 'Max-Age=', '-1', 'Secure'],
      ...['Expires=', ',', '"', '\u0001', 'SameSite=None', 'Partitioned', '.', 'app.test'],
    )
    const lines = fc.array(parts, { maxLength: 12 }).map((all) => all.join(''))
    const property = fc.asyncProperty(lines, async (line) => {
      const { b, sent } = setup()
      const isKept = b.setCookie(line)
      expect(b.refused).toHaveLength(isKept ? 0 : 1)
      expect(b.cookies.length).toBeLessThanOrEqual(isKept ? 1 : 0)
      const [cookie] = b.cookies
      if (cookie?.path !== '/') return
      const { name, value } = cookie
      expect(await sent()).toBe(name ? `${name}=${value}` : value)
    })
    await fc.assert(property, { numRuns: 500 })
  })

  it('replaces a cookie of the same name, host and path, and keeps its age', () => {
    const { b, clock } = setup()
    const start = clock()
    b.setCookie('a=1; Path=/; Secure')
    clock.advance(10)
    b.setCookie('a=2; Path=/')
    expect(b.cookies).toMatchObject([{ value: '2', createdAt: start, secure: false }])
  })
})
