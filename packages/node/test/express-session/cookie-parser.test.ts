import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { count, modules, site, usual, visitor } from './kit.ts'

interface Parsed {
  cookies?: Record<string, string>
  signedCookies?: Record<string, string>
}

const parsed = (header = ''): Record<string, string> =>
  Object.fromEntries(
    header.split('; ').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
    }),
  )

// A parser that came first and left other headers behind.
describe.each(modules)('$name after a cookie parser', ({ session }) => {
  const open = () =>
    site(session(usual), count, (request) => {
      Object.assign(request as Parsed, { cookies: parsed(request.headers.cookie) })
      request.headers.cookie = 'other=1'
    })

  it('reads what the parser has read', async () => {
    const one = visitor(await open())
    await one.get()
    expect((await one.get()).text).toBe('2')
  })

  it('refuses in it what is not signed, or not well', async () => {
    const one = visitor(await open())
    await one.get()
    const value = String(one.jar.get('connect.sid'))
    for (const forged of [value.replace(/...\./, '.'), value.split('.')[0] ?? '']) {
      one.jar.set('connect.sid', forged)
      expect((await one.get()).text).toBe('1')
    }
  })
})

describe('the drop-in after a cookie parser that verifies', () => {
  it('takes over the session of express-session that the parser has verified', async () => {
    const [theirs, ours] = modules
    if (!theirs || !ours) throw new Error('no modules')
    const old = new theirs.session.MemoryStore()
    const store = new ours.session.MemoryStore()
    store.sessions = old.sessions
    const former = visitor(await site(theirs.session({ ...usual, store: old }), count))
    await former.get()
    const value = decodeURIComponent(String(former.jar.get('connect.sid'))).slice(2)
    const id = value.slice(0, value.lastIndexOf('.'))
    const mac = createHmac('sha256', usual.secret).update(id).digest('base64').replace(/=+$/, '')
    expect(value).toBe(`${id}.${mac}`)
    const url = await site(ours.session({ ...usual, store }), count, (request) => {
      Object.assign(request as Parsed, { signedCookies: { 'connect.sid': id } })
      delete request.headers.cookie
    })
    expect((await visitor(url).get()).text).toBe('2')
  })
})
