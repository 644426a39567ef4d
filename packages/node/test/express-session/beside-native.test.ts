import { createSessions, memoryStore, type SessionsOptions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import session, { connectStore, type SessionOptions } from '@sojourn/node/express-session'
import express, { type Request } from 'express'
import { describe, expect, it } from 'vitest'
import { type Bag, secret, serve, stopClock, visitor } from './kit.ts'

interface Data {
  n: number
  user: string
}

/** An application half of whose routes have moved to the native API. */
function shop(isFirst: boolean, rolling: boolean): Promise<string> {
  const store = memoryStore()
  const name = 'sid'
  const web = nodeSessions(createSessions<Data>({ store, secret, cookie: { name, secure: false } }))
  const standIn = session({
    secret,
    store,
    name,
    rolling,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 600_000 },
  })
  const bagOf = (request: Request): Bag => request.session as unknown as Bag
  const app = express()
    .use(isFirst ? [standIn, web.middleware] : [web.middleware, standIn])
    .get('/old', (request, response) => {
      const bag = bagOf(request)
      bag['n'] = Number(bag['n'] ?? 0) + 1
      response.send(`${bag['n']} ${bag.user ?? 'nobody'}`)
    })
    .get('/new', async (request, response) => {
      const session = await web.open(request)
      session.update('n', (n = 0) => n + 1)
      response.send(`${session.get('n')} ${session.subject ?? 'nobody'}`)
    })
    .get('/in', async (request, response) => {
      const session = await web.open(request)
      session.signIn('ada', { method: 'password' })
      session.set('user', 'ada')
      response.send('in')
    })
    .get('/out', async (request, response) => {
      const session = await web.open(request)
      await session.revoke()
      response.send('out')
    })
  return serve(app)
}

describe.each([
  { isFirst: true, rolling: false },
  { isFirst: true, rolling: true },
  { isFirst: false, rolling: false },
  { isFirst: false, rolling: true },
])('beside the native API, mounted before it $isFirst, rolling $rolling', (how) => {
  it('each sees what the other has changed, signed in, and ended', async () => {
    const ada = visitor(await shop(how.isFirst, how.rolling))
    const seen: string[] = []
    for (const path of ['/old', '/new', '/in', '/new', '/old', '/out', '/old', '/new']) {
      const { text, cookies } = await ada.get(path)
      seen.push(text)
      expect(cookies.length).toBeLessThan(2)
    }
    expect(seen).toEqual([
      '1 nobody',
      '2 nobody',
      'in',
      '3 ada',
      '4 ada',
      'out',
      '1 nobody',
      '2 nobody',
    ])
  })
})

const DAY = 86_400_000

/** The same store and secret under both: sessions last ten minutes without use, those of remembered people ten days. */
async function both(options: Partial<SessionOptions> = {}, native: Partial<SessionsOptions> = {}) {
  const store = options.store ?? memoryStore()
  const kept = (options.store ? connectStore(store as never) : store) as ReturnType<
    typeof memoryStore
  >
  const ended: string[] = []
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === 'expired' || type === 'revoked') ended.push(type)
  }
  const web = nodeSessions(
    createSessions<Data>({
      store: kept,
      secret,
      cookie: { name: 'sid', secure: false },
      idleTimeout: 600,
      persistent: { idleTimeout: 864_000, absoluteTimeout: 8_640_000 },
      onEvent,
      ...native,
    }),
  )
  const standIn = session({
    secret,
    store,
    name: 'sid',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 600_000 },
    persistent: { idleTimeout: 864_000 },
    previous: false,
    onEvent,
    ...(options as object),
  })
  const app = express()
    .use('/old', standIn)
    .use('/new', web.middleware)
    .get('/old/remember', (request, response) => {
      Object.assign(request.session, { user: 'ada' })
      request.session.cookie.maxAge = 10 * DAY
      response.send('remembered')
    })
    .get('/old/set', (request, response) => {
      Object.assign(request.session, { n: Date.now(), user: 'ada' })
      response.send('set')
    })
    .get('/old', (request, response) => {
      response.send(String((request.session as unknown as Bag).user))
    })
    .get('/new/remember', async (request, response) => {
      const session = await web.open(request)
      session.signIn('ada', { method: 'password', persistent: true })
      session.set('user', 'ada')
      response.send('remembered')
    })
    .get('/new', async (request, response) => {
      response.send(String((await web.open(request)).get('user')))
    })
  const url = await serve(app)
  return { ada: { url, ...visitor(url) }, ended }
}

describe.each(['old', 'new'])('somebody whom a route of the %s kind remembers', (kind) => {
  it('is remembered by both kinds, and by the browser', async () => {
    const advance = stopClock()
    const { ada, ended } = await both()
    await ada.get(`/${kind}/remember`)
    for (const path of ['/old', '/new', '/old/set', '/new', '/old']) {
      advance(8 * DAY)
      const { text, cookies } = await ada.get(path)
      expect([path, text]).toEqual([path, path === '/old/set' ? 'set' : 'ada'])
      for (const cookie of cookies) {
        const [, left] = /; (?:Expires|Max-Age)=([^;]+)/.exec(cookie) ?? []
        const until = Number(left) * 1000 || Date.parse(left ?? '') - Date.now()
        expect(until).toBeGreaterThan(9 * DAY)
      }
    }
    expect(ended).toEqual([])
    advance(11 * DAY)
    expect((await ada.get('/old')).text).toBe('undefined')
  })
})

describe('somebody whom nobody remembers', () => {
  it('stays for as long as they use either kind of route, and no longer', async () => {
    const advance = stopClock()
    const { ada } = await both()
    await ada.get('/old/set')
    for (const path of ['/new', '/new', '/new', '/old', '/old', '/new']) {
      advance(500_000)
      expect((await ada.get(path)).text).toBe('ada')
    }
    advance(601_000)
    expect((await ada.get('/new')).text).toBe('undefined')
  })

  it('stays for as long as they use native routes where a connect-style store keeps the session', async () => {
    const advance = stopClock()
    const { ada } = await both({ store: new session.MemoryStore() })
    await ada.get('/old/set')
    for (const path of ['/new', '/new', '/new', '/old', '/old']) {
      advance(500_000)
      expect((await ada.get(path)).text).toBe('ada')
    }
  })

  it('keeps a cookie that the stand-in has dated, since a renewed token goes with the browser', async () => {
    const advance = stopClock()
    const { ada, ended } = await both({}, { renewalTimeout: 300 })
    const [dated = ''] = (await ada.get('/old/set')).cookies
    expect(dated).toMatch(/; Expires=/)
    advance(301_000)
    const page = visitor(ada.url, new Map(ada.jar))
    const [kept = ''] = (await ada.get('/new')).cookies
    expect(kept).toMatch(/^sid=/)
    expect(kept).not.toMatch(/Expires|Max-Age/)
    // What the page asked for beside it came with the token of before.
    expect((await page.get('/new')).text).toBe('ada')
    expect((await page.get('/old')).text).toBe('ada')
    advance(301_000)
    expect((await ada.get('/old')).text).toBe('ada')
    expect(ended).toEqual([])
  })
})
