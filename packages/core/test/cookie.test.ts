import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CookieOptions, cookieTransport, createSessions, memoryStore } from '../src/index.ts'

const TOKEN = 'x'.repeat(86)

function written(
  options: CookieOptions,
  token: string | null = TOKEN,
  maxAge: number | null = null,
) {
  const headers = new Headers()
  cookieTransport(options).write(headers, token, maxAge)
  return headers.getSetCookie()
}

function read(cookie: string, options: CookieOptions = {}): readonly string[] {
  return cookieTransport(options).read({ headers: { get: () => cookie } })
}

describe('the session cookie', () => {
  it('is a __Host- cookie: HttpOnly, Secure, SameSite=Lax, Path=/, no Domain, no expiry [B1, B2, B14, B26]', () => {
    expect(written({})).toEqual([`__Host-id=${TOKEN}; Path=/; HttpOnly; SameSite=Lax; Secure`])
  })

  it('has the attributes that were asked for', () => {
    const options = {
      name: 'id',
      domain: 'example.test',
      path: '/shop',
      sameSite: 'Strict',
    } as const
    expect(written({ ...options, secure: false })).toEqual([
      `id=${TOKEN}; Domain=example.test; Path=/shop; HttpOnly; SameSite=Strict`,
    ])
    expect(written({ sameSite: 'None', partitioned: true })).toEqual([
      `__Host-id=${TOKEN}; Path=/; HttpOnly; SameSite=None; Secure; Partitioned`,
    ])
  })

  it('has Max-Age as a bare integer and no Expires to contradict it [B11, B13]', () => {
    expect(written({}, TOKEN, 3600)[0]).toMatch(/; Max-Age=3600$/)
    expect(written({}, TOKEN, 3600)[0]).not.toMatch(/Expires/)
  })

  it('is taken away with the same name, Path, Domain, Secure, SameSite and Partitioned [B20]', () => {
    for (const options of [
      {},
      { sameSite: 'None', partitioned: true },
      { name: 'id', path: '/a' },
    ] as const) {
      const [set = ''] = written(options)
      const [taken] = written(options, null)
      expect(taken).toBe(`${set.replace(TOKEN, '')}; Max-Age=0`)
    }
  })

  it('is alone of its name in a response, and all others stay in order [B8, B9, B10]', () => {
    const headers = new Headers()
    for (const cookie of ['a=1', '__Host-id=old; Path=/', 'b=2, 3; Path=/x', 'a=1']) {
      headers.append('set-cookie', cookie)
    }
    cookieTransport().write(headers, TOKEN, null)
    const cookies = headers.getSetCookie()
    expect(cookies.slice(0, 3)).toEqual(['a=1', 'b=2, 3; Path=/x', 'a=1'])
    expect(cookies).toHaveLength(4)
    expect(cookies[3]).toContain(TOKEN)
  })
})

describe('what a browser would refuse without a word', () => {
  const refused: [string, CookieOptions][] = [
    ['domain', { domain: 'example.test' }],
    ['path', { path: '/shop' }],
    ['secure', { secure: false }],
    ['secure', { name: '__HOST-id', secure: false }],
    ['secure', { name: '__host-id', secure: false }],
    ['path', { name: '__hOsT-id', path: '/shop' }],
    ['secure', { name: '__Secure-id', secure: false }],
    ['secure', { name: '__secure-id', secure: false }],
    ['secure', { name: '__Http-id', secure: false }],
    ['secure', { name: '__Host-Http-id', secure: false }],
    ['domain', { name: '__Host-Http-id', domain: 'example.test' }],
    ['path', { name: '__host-http-id', path: '/shop' }],
    ['secure', { name: 'id', secure: false, sameSite: 'None' }],
    ['secure', { name: 'id', secure: false, partitioned: true }],
    ['name', { name: '' }],
    ['name', { name: 'a b' }],
    ['name', { name: 'a=b' }],
    ['name', { name: 'a;b' }],
    ['name', { name: 'café' }],
    ['name', { name: 'n'.repeat(4096 - 86 + 1) }],
    ['path', { name: 'id', path: 'shop' }],
    ['path', { name: 'id', path: '/a;b' }],
    ['path', { name: 'id', path: '/a\r\nSet-Cookie: x=y' }],
    ['path', { name: 'id', path: `/${'p'.repeat(1024)}` }],
    ['domain', { name: 'id', domain: 'a;b' }],
    ['domain', { name: 'id', domain: '' }],
    ['domain', { name: 'id', domain: 'd'.repeat(1025) }],
    ['sameSite', { sameSite: 'Sloppy' as 'Lax' }],
  ]

  it.each(refused)(
    'is a TypeError at construction that names cookie.%s [B3, B4, B5, B6]: %o',
    (option, cookie) => {
      const construct = () => createSessions({ store: memoryStore(), cookie })
      expect(construct).toThrow(TypeError)
      expect(construct).toThrow(`"cookie.${option}" must be`)
    },
  )

  it.each([
    [{ name: '__Secure-id', domain: 'example.test', path: '/shop' }],
    [{ name: '__Http-id', path: '/shop' }],
    [{ name: '__Host-Http-id' }],
    [{ name: 'id', secure: false }],
    [{ name: 'n'.repeat(4096 - 86) }],
    [{ name: 'id', path: `/${'p'.repeat(1023)}` }],
  ] satisfies [CookieOptions][])('is all that is refused: %o', (cookie) => {
    expect(() => createSessions({ store: memoryStore(), cookie })).not.toThrow()
  })
})

describe('reading the Cookie header', () => {
  it.each([
    ['__Host-id=abc', ['abc']],
    ['a=1; __Host-id=abc; b=2', ['abc']],
    ['a=1;__Host-id=abc;b=2', ['abc']],
    ['a=1;\t __Host-id=abc \t; b=2', ['abc']],
    [' __Host-id=abc', ['abc']],
    ['__Host-id=', ['']],
    ['__Host-id="abc"', ['"abc"']],
    ['__Host-id=a=b', ['a=b']],
    ['__Host-id=a%20b', ['a%20b']],
    ['x__Host-id=abc', []],
    ['x=__Host-id=abc', []],
    ['__host-id=abc', []],
    ['__Host-idx=abc', []],
    ['__Host-id', []],
    ['=__Host-id=abc', []],
    ['__Host-id=abc\u00a0; a=1', ['abc\u00a0']],
    ['\u00a0__Host-id=abc', []],
    ['', []],
  ])('finds the cookie by its exact name: %s [B23, B25]', (header, values) => {
    expect(read(header)).toEqual(values)
  })

  it('gives all cookies of the name in their order, four at most [B24]', () => {
    expect(read('__Host-id=1; a=2; __Host-id=3')).toEqual(['1', '3'])
    expect(read('__Host-id=x; '.repeat(10_000))).toHaveLength(4)
  })

  it('agrees with a parser that splits, for any header', () => {
    const name = fc.constantFrom('__Host-id', 'a', '__Host-idx', ' __Host-id', '')
    const value = fc.string({
      unit: fc.constantFrom('a', '=', ' ', '\t', '"', '%', '.'),
      maxLength: 5,
    })
    const blank = fc.constantFrom('', ' ', '\t ')
    const pairs = fc.array(fc.tuple(blank, name, value, blank), { maxLength: 4 })
    fc.assert(
      fc.property(pairs, (pairs) => {
        const header = pairs.map(([a, n, v, b]) => `${a}${n}=${v}${b}`).join(';')
        const expected = header
          .split(';')
          .map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''))
          .filter((pair) => pair.startsWith('__Host-id='))
          .map((pair) => pair.slice('__Host-id='.length))
        expect(read(header)).toEqual(expected)
      }),
    )
  })

  it.each([
    '__Host-id=',
    ' __Host-id=',
    ';',
    ' ',
    '\t',
    '=',
    'x__Host-id=',
    '; ; ;',
    ' __Host-id=;',
  ])('gets through a megabyte of "%s" before a quadratic scan would [J5]', (piece) => {
    const header = piece.repeat(Math.ceil(1e6 / piece.length))
    expect(read(header).length).toBeLessThanOrEqual(4)
    expect(read(`${header}; __Host-id=abc`).length).toBeLessThanOrEqual(4)
  })
})
