import type { CryptoProvider } from '@sojourn/core'
import { createSessions } from '@sojourn/core'
import { recorded } from '@sojourn/core/testing'
import { webCrypto } from '@sojourn/core/web-crypto'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, it } from 'vitest'
import { newStore } from '../../core/test/new-store.ts'
import { cookieOf, SECRET, withCookie } from './site.ts'

// At the top level of a module, as a Worker has them.
const store = recorded(newStore({ clock: Date.now }))
const crypto: string[] = []
const provider: CryptoProvider = {
  sha256(message) {
    crypto.push('sha256')
    return webCrypto.sha256(message)
  },
  async hmac(key) {
    crypto.push('hmac')
    const mac = await webCrypto.hmac(key)
    return (message) => {
      crypto.push('mac')
      return mac(message)
    }
  },
  hkdf(...parameters) {
    crypto.push('hkdf')
    return webCrypto.hkdf(...parameters)
  },
}
const sessions = createSessions({ store, secret: SECRET, crypto: provider })
const own = new Response('own')

function routes(app: Hono): Hono {
  return app
    .get('/text', (c) => c.text('ok'))
    .get('/json', (c) => c.json({ ok: true }, 201, { 'X-Kind': 'json' }))
    .get('/header', (c) => {
      c.header('Cache-Control', 'public, max-age=60')
      c.header('Vary', 'Accept')
      return c.html('<p>ok</p>')
    })
    .get('/cookie', (c) => {
      c.header('Set-Cookie', 'theme=dark; Path=/')
      return c.body(null, 204)
    })
    .get('/redirect', (c) => c.redirect('/text', 303))
    .get('/raw', () => Response.redirect('https://app.test/text', 307))
    .get('/throws', () => {
      throw new Error('thrown on purpose')
    })
    .onError((_, c) => c.text('sorry', 500))
}

const bare = routes(new Hono())
const app = routes(new Hono().use(session(sessions)) as unknown as Hono)
const paths = ['/text', '/json', '/header', '/cookie', '/redirect', '/raw', '/throws', '/nowhere']

async function plain(response: Response): Promise<unknown> {
  const { status, statusText, headers } = response
  return { status, statusText, headers: [...headers], body: await response.text() }
}

describe('a request that does not ask for its session', () => {
  async function cookie(): Promise<string> {
    const shop = new Hono().use(session(sessions)).post('/', async (c) => {
      ;(await c.var.session()).set('cart', ['tea'])
      return c.text('ok')
    })
    return cookieOf(await shop.request('/', { method: 'POST' }))
  }

  it.each(paths)('is answered as without the middleware: %s [A1, H10]', async (path) => {
    const signedIn = withCookie(await cookie())
    store.calls.splice(0)
    crypto.splice(0)
    for (const init of [{}, signedIn, withCookie('__Host-id=forged')]) {
      expect(await plain(await app.request(path, init))).toEqual(
        await plain(await bare.request(path, init)),
      )
    }
    expect(store.calls).toEqual([])
    expect(crypto).toEqual([])
  })

  it('gets the very response that its handler made', async () => {
    const app = new Hono().use(session(sessions)).get('/', () => own)
    expect(await app.request('/')).toBe(own)
  })

  it('costs nothing either where a later handler reads another cookie', async () => {
    const signedIn = withCookie(`theme=dark; ${await cookie()}`)
    store.calls.splice(0)
    crypto.splice(0)
    const app = new Hono()
      .use(session(sessions))
      .get('/', (c) => c.text(c.req.header('cookie')?.split(';')[0] ?? ''))
    expect(await (await app.request('/', signedIn)).text()).toBe('theme=dark')
    expect(store.calls).toEqual([])
    expect(crypto).toEqual([])
  })

  it.each(['before', 'after'])('leaves a preflight to cors mounted %s it [H10]', async (place) => {
    const policy = cors({ origin: ['https://shop.test'], credentials: true, maxAge: 600 })
    const before = place === 'before'
    const app = new Hono()
      .use(before ? policy : session(sessions))
      .use(before ? session(sessions) : policy)
      .post('/', (c) => c.text('ok'))
    const bare = new Hono().use(policy).post('/', (c) => c.text('ok'))
    const preflight = {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    }
    store.calls.splice(0)
    const response = await app.request('/', preflight)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.test')
    expect(await plain(response)).toEqual(await plain(await bare.request('/', preflight)))
    expect(store.calls).toEqual([])
  })
})
