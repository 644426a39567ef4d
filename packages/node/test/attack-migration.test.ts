import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { connectStore, type SessionOptions } from '@sojourn/node/express-session'
import express from 'express'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import {
  type Bag,
  type Handle,
  modules,
  ours,
  type Req,
  secret,
  serve,
  site,
  stopClock,
  theirs,
  type Visitor,
  visitor,
} from './express-session/kit.ts'

const quiet = { secret, resave: false, saveUninitialized: false, cookie: { maxAge: 600_000 } }
const MINUTE = 60_000
const DAY = 86_400_000

type Kept = InstanceType<typeof ours.MemoryStore>

const app: Handle = async ({ session, sessionID, url }, response) => {
  const [, verb, value] = (url ?? '').split('/')
  if (verb === 'in') session.user = value
  if (verb === 'out') await session.destroy()
  response.end(verb === 'id' ? sessionID : String(verb === 'out' ? 'out' : session.user))
}

const jarOf = (who: Visitor) => new Map(who.jar)

/** Somebody who signed in when express-session was here, and what its store is to both libraries. */
async function former(options: Partial<SessionOptions> = {}) {
  const old = new theirs.MemoryStore() as Kept
  const store = new ours.MemoryStore()
  store.sessions = old.sessions
  const ada = visitor(await site(theirs({ ...quiet, ...options, store: old }), app))
  await ada.get('/in/ada')
  return { store, ada, oldId: (await ada.get('/id')).text }
}

/** Lets a store note use beside its records, and judge by that alone, as those on Redis do. */
function touchedAside(store: Kept): Kept {
  const until = new Map<string, number>()
  const { set } = store
  const note = (id: string, { cookie }: { readonly cookie: object }): void => {
    until.set(id, Number(new Date((cookie as { expires?: string }).expires ?? 0)))
  }
  store.get = (id, done) => {
    const text = Date.now() < (until.get(id) ?? 0) ? store.sessions[id] : undefined
    setImmediate(done, null, text && JSON.parse(text))
  }
  store.set = (id, session, done) => {
    note(id, session)
    set.call(store, id, session, done)
  }
  store.touch = (id, session, done) => {
    note(id, session)
    setImmediate(() => done?.())
  }
  return store
}

/** Somebody whose session is already one of ours, in a connect-style store. */
async function settled(store: Kept = new ours.MemoryStore()) {
  const ada = visitor(await site(ours({ ...quiet, store }), app))
  await ada.get('/in/ada')
  return { store, ada, id: (await ada.get('/id')).text }
}

describe('a session that moves to another store', () => {
  it.each([
    ['a store of ours', () => memoryStore()],
    ['a connect-style store', () => touchedAside(new ours.MemoryStore())],
  ])(
    'goes on in %s, however long ago it was written, if it was used since',
    async (_, newStore) => {
      const advance = stopClock()
      const { store, ada } = await settled(touchedAside(new ours.MemoryStore()))
      for (let i = 0; i < 4; i++) {
        advance(5 * MINUTE)
        expect((await ada.get()).text).toBe('ada')
      }
      const given = { ...quiet, store: newStore(), previous: { store } }
      const moved = visitor(await site(ours(given), app), ada.jar)
      advance(5 * MINUTE)
      expect((await moved.get()).text).toBe('ada')
      advance(5 * MINUTE)
      expect((await moved.get()).text).toBe('ada')
    },
  )

  it('lets no request wait for ever where the former store never answers', async () => {
    const { store, ada } = await settled()
    store.get = () => {}
    const cookie = [...ada.jar].map((pair) => pair.join('=')).join('; ')
    const request = { url: '/', headers: { cookie } } as IncomingMessage
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const passed = new Promise((next) => {
      ours({ ...quiet, store: memoryStore(), previous: { store } })(
        request,
        {} as ServerResponse,
        next,
      )
    })
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(5000)
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(String(await Promise.race([passed, 'still waiting']))).toContain('5000 ms')
  })

  it.each([
    ['connect-style', () => new ours.MemoryStore()],
    ['ours', () => memoryStore()],
  ])(
    'goes on under another name of the cookie in the same store, which is %s',
    async (_, newStore) => {
      const store = newStore()
      const ada = visitor(await site(ours({ ...quiet, store }), app))
      await ada.get('/in/ada')
      const given = { ...quiet, store, name: 'id', previous: { name: 'connect.sid' } }
      const moved = visitor(await site(ours(given), app), ada.jar)
      expect((await moved.get()).cookies.map((line) => line.split('=')[0])).toEqual([
        'id',
        'connect.sid',
      ])
      expect((await moved.get()).text).toBe('ada')
    },
  )

  it('is not waited for by who asks for it by hand, where the former store never answers', async () => {
    const store = new ours.MemoryStore()
    store.get = () => {}
    let view: Req['sessionStore'] | undefined
    const given = { ...quiet, store: memoryStore(), previous: { store } }
    const url = await site(ours(given), (request, response) => {
      view = request.sessionStore
      response.end()
    })
    await visitor(url).get()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const found = new Promise((resolve) => view?.get('x'.repeat(32), resolve as never))
    await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(5000)
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(String(await Promise.race([found, 'still waiting']))).toContain('5000 ms')
  })

  it('is not lost where its former store fails once to let it go', async () => {
    const { store, ada } = await settled()
    const url = await site(ours({ ...quiet, store: memoryStore(), previous: { store } }), app)
    const { destroy } = store
    store.destroy = (_, callback) => {
      store.destroy = destroy
      callback?.(new Error('down'))
    }
    expect((await visitor(url, jarOf(ada)).get()).status).toBe(500)
    expect((await visitor(url, jarOf(ada)).get()).text).toBe('ada')
  })

  it('stays ended, where native code has ended it, though its former store could not be emptied', async () => {
    const { store, ada } = await settled()
    const other = memoryStore()
    const name = 'connect.sid'
    const web = nodeSessions(
      createSessions({ store: other, secret, cookie: { name, secure: false } }),
    )
    const url = await site(ours({ ...quiet, store: other, previous: { store } }), app)
    const native = await serve(
      web.handler(async (request, response) => {
        await (await web.open(request)).revoke()
        response.end()
      }),
    )
    const { destroy } = store
    store.destroy = (_, callback) => callback?.(new Error('down'))
    expect((await visitor(url, jarOf(ada)).get()).status).toBe(500)
    store.destroy = destroy
    expect((await visitor(url, jarOf(ada)).get()).text).toBe('ada')
    await visitor(native, jarOf(ada)).get()
    expect((await visitor(url, jarOf(ada)).get()).text).toBe('undefined')
  })
})

describe('a session that has moved', () => {
  it('ends while its former store is down, although that is told as failed', async () => {
    const { store, ada } = await settled()
    const middleware = ours({ ...quiet, store: memoryStore(), previous: { store } })
    const url = await site(middleware, ({ session, url }, response) => {
      if (url !== '/out') response.end(String(session.user))
      else session.destroy((error) => response.end(String(error)))
    })
    const moved = visitor(url, ada.jar)
    expect((await moved.get()).text).toBe('ada')
    const { get } = store
    store.get = (_, callback) => callback(new Error('down'))
    expect((await visitor(url, jarOf(ada)).get('/out')).text).toContain('Error')
    store.get = get
    expect((await moved.get()).text).toBe('undefined')
  })
})

describe('a session whose cookie had a domain', () => {
  it('gets one that browsers take under a name for one host alone', async () => {
    const { store, ada } = await former({ cookie: { maxAge: 600_000, domain: 'example.com' } })
    const given = {
      ...quiet,
      store: memoryStore(),
      name: '__Host-id',
      cookie: { secure: true, maxAge: 600_000 },
      previous: { store, name: 'connect.sid' },
      proxy: true,
    }
    const moved = visitor(await site(ours(given), app), ada.jar)
    const { text, cookies } = await moved.get('/', { 'x-forwarded-proto': 'https' })
    expect(text).toBe('ada')
    expect(cookies.map((line) => line.split('=')[0])).toEqual(['__Host-id', 'connect.sid'])
    expect(cookies[0]).not.toMatch(/Domain/i)
    expect(cookies[1]).toMatch(/Domain=example.com/i)
  })
})

describe('destroyed by hand', () => {
  it('a session of express-session that has not come back yet is over, in whichever store it was', async () => {
    const { store, ada, oldId } = await former()
    let view: Kept | undefined
    const given = { ...quiet, store: memoryStore(), previous: { store } }
    const url = await site(ours(given), (request: Req, response) => {
      view = request.sessionStore as Kept
      return app(request, response)
    })
    await visitor(url).get()
    await (view?.destroy(oldId) as unknown as Promise<void>)
    expect((await visitor(url, ada.jar).get()).text).toBe('undefined')
  })

  it('in the store of before, a session that has moved on from there is over', async () => {
    const { store, ada, id } = await settled()
    const url = await site(ours({ ...quiet, store: memoryStore(), previous: { store } }), app)
    const moved = visitor(url, ada.jar)
    expect((await moved.get()).text).toBe('ada')
    await (store.destroy(id) as unknown as Promise<void>)
    expect((await moved.get()).text).toBe('undefined')
  })

  it('a session that moves on in the same moment is over', async () => {
    const { store, ada, id } = await settled()
    let view: Kept | undefined
    const given = { ...quiet, store: memoryStore(), previous: { store } }
    const { destroy } = store
    const destroying = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    store.destroy = (sid, done) => {
      store.destroy = destroy
      destroying.resolve()
      go.promise.then(() => destroy.call(store, sid, done))
    }
    const url = await site(ours(given), (request: Req, response) => {
      view = request.sessionStore as Kept
      return app(request, response)
    })
    await visitor(url).get()
    const ended = new Promise((done) => view?.destroy(id, done))
    await destroying.promise
    const moved = visitor(url, ada.jar)
    await moved.get()
    go.resolve()
    await ended
    expect((await moved.get()).text).toBe('undefined')
  })

  it('a session is not brought back by a request that was writing it', async () => {
    const { store, ada, id } = await settled()
    const url = await site(ours({ ...quiet, store }), app)
    const writing = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const { set } = store
    store.set = (sid, session, done) => {
      store.set = set
      writing.resolve()
      go.promise.then(() => set.call(store, sid, session, done))
    }
    const late = visitor(url, jarOf(ada)).get('/in/eva')
    await writing.promise
    const ended = new Promise((done) => store.destroy(id, done))
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    go.resolve()
    await Promise.all([late, ended])
    expect((await visitor(url, jarOf(ada)).get()).text).toBe('undefined')
  })

  it('a session is over when a store says so that gives a promise beside the callback', async () => {
    const store = new ours.MemoryStore()
    const { destroy } = store
    store.destroy = async (id, done) => {
      await new Promise((later) => setImmediate(later))
      await new Promise((ended) => destroy.call(store, id, ended))
      done?.()
    }
    ours({ ...quiet, store })
    Object.assign(store.sessions, { old: JSON.stringify({ cookie: {} }) })
    await (store.destroy('old', () => {}) as unknown as Promise<void>)
    expect(store.sessions).toEqual({})
  })

  it('what has no id is what it was to the store', async () => {
    const store = new ours.MemoryStore()
    ours({ ...quiet, store })
    const ended = new Promise((done) => store.destroy(undefined as never, done))
    expect(await ended).toBe(undefined)
    expect(await new Promise((done) => store.destroy(7 as never, done))).toBe(undefined)
  })

  it('by a store itself, as one that finds its record expired, keeps nobody waiting', async () => {
    const { store, oldId } = await former()
    const { get } = store
    // As old connect-mongo and its kind do.
    store.get = (id, done) => {
      const text = store.sessions[id]
      const expires = text && JSON.parse(text).cookie.expires
      if (expires && Date.parse(expires) < Date.now()) store.destroy(id, done)
      else get.call(store, id, done)
    }
    let view: Kept | undefined
    const given = { ...quiet, store: memoryStore(), previous: { store } }
    const url = await site(ours(given), (request: Req, response) => {
      view = request.sessionStore as Kept
      return app(request, response)
    })
    await visitor(url).get()
    const text = store.sessions[oldId] ?? ''
    store.sessions[oldId] = text.replace(/"expires":"\d{4}/, '"expires":"2001')
    const before = Date.now()
    await (view?.destroy(oldId) as unknown as Promise<void>)
    expect(Date.now() - before).toBeLessThan(2000)
  }, 20_000)
})

describe('a store whose calls are measured', () => {
  function measured(store: Kept): void {
    const { destroy } = store
    store.destroy = (id, done) => destroy.call(store, id, (error) => done?.(error))
  }

  it('signs nobody out while their sessions are taken over', async () => {
    const { store, ada } = await former()
    const middleware = ours({ ...quiet, store })
    measured(store)
    const moved = visitor(await site(middleware, app), ada.jar)
    expect((await moved.get()).text).toBe('ada')
  })

  it('lets sessions that have moved end', async () => {
    const { store, ada } = await settled()
    const middleware = ours({ ...quiet, store: memoryStore(), previous: { store } })
    measured(store)
    const moved = visitor(await site(middleware, app), ada.jar)
    expect((await moved.get()).text).toBe('ada')
    expect((await moved.get('/out')).status).toBe(200)
  }, 20_000)
})

describe('many middlewares on one store', () => {
  it('save and destroy as one does', async () => {
    const store = new ours.MemoryStore()
    for (let i = 0; i < 20_000; i++) ours({ ...quiet, store })
    const one = visitor(await site(ours({ ...quiet, store }), app))
    expect((await one.get('/in/ada')).status).toBe(200)
    expect((await one.get()).text).toBe('ada')
  }, 60_000)
})

/** Half of the routes native, on one store. */
async function both(options: Partial<SessionOptions> = {}) {
  const store = memoryStore()
  const kept = options.store ? connectStore(options.store as Kept) : store
  const persistent = { idleTimeout: 10 * 86_400, absoluteTimeout: 100 * 86_400 }
  const web = nodeSessions(
    createSessions<{ user: string }>({
      store: kept,
      secret,
      cookie: { name: 'sid', secure: false },
      idleTimeout: 600,
      persistent,
    }),
  )
  const standIn = ours({ ...quiet, store, name: 'sid', persistent, ...(options as object) })
  const url = await serve(
    express()
      .use('/old', standIn)
      .use('/new', web.middleware)
      .get('/old/browser', ({ session }, response) => {
        Object.assign(session, { user: 'ada' })
        session.cookie.expires = false as never
        response.send(session.id)
      })
      .get('/old/id', ({ session }, response) => {
        response.send(session.id)
      })
      .get('/old/remember', ({ session }, response) => {
        Object.assign(session, { user: 'ada' })
        session.cookie.maxAge = 10 * DAY
        response.send('remembered')
      })
      .get('/old/while', ({ session }, response) => {
        Object.assign(session, { user: 'ada' })
        session.cookie.maxAge = 20 * MINUTE
        response.send('remembered for a while')
      })
      .get('/old/left', ({ session }, response) => {
        response.send(String(session.cookie.maxAge))
      })
      .get('/old/set', ({ session }, response) => {
        Object.assign(session, { n: Date.now(), user: 'ada' })
        response.send('set')
      })
      .get('/old', ({ session }, response) => {
        response.send(String((session as unknown as Bag).user))
      })
      .get('/new/remember', async (request, response) => {
        const session = await web.open(request)
        session.signIn('ada', { method: 'password', persistent: true })
        session.set('user', 'ada')
        response.send('remembered')
      })
      .get('/new/set', async (request, response) => {
        ;(await web.open(request)).set('user', 'eva')
        response.send('set')
      })
      .get('/new', async (request, response) => {
        response.send(String((await web.open(request)).get('user')))
      }),
  )
  return { url, store, web, ada: visitor(url) }
}

describe('beside the native API', () => {
  it('a session for as long as the browser is open is not one that survives it', async () => {
    const advance = stopClock()
    const { ada, store } = await both()
    const { text, cookies } = await ada.get('/old/browser')
    expect(cookies.join()).not.toMatch(/Expires|Max-Age/i)
    expect(await store.read(text)).toMatchObject({ persistent: false })
    advance(2 * DAY)
    const later = await ada.get('/new')
    expect([later.text, later.cookies]).toEqual(['undefined', []])
  })

  it('nor is one of express-session that was taken over', async () => {
    const { store: old, ada } = await former({ cookie: {} })
    const { url, store } = await both({ previous: { store: old, name: 'connect.sid' } })
    const { text, cookies } = await visitor(url, ada.jar).get('/old/id')
    expect(cookies[0]).not.toMatch(/Expires/i)
    expect(await store.read(text)).toMatchObject({ persistent: false })
  })

  it('who is remembered by it stays so where a connect-style store keeps the session', async () => {
    const advance = stopClock()
    const kept = new ours.MemoryStore()
    const { ada } = await both({ store: kept })
    await ada.get('/old/set')
    await ada.get('/new/remember')
    advance(2 * DAY)
    expect((await ada.get('/new')).text).toBe('ada')
    advance(2 * DAY)
    expect((await ada.get('/old')).text).toBe('ada')
  })

  it('whom the stand-in remembers for a while is not remembered for longer', async () => {
    const advance = stopClock()
    const { ada } = await both({ store: new ours.MemoryStore() })
    await ada.get('/old/while')
    advance(10_000)
    expect((await ada.get('/old/left')).text).toBe(String(20 * MINUTE - 10_000))
    await ada.get('/old/set')
    advance(21 * MINUTE)
    expect((await ada.get('/old')).text).toBe('undefined')
  })

  it('who is remembered stays so when the secret is replaced', async () => {
    const advance = stopClock()
    const first = await both()
    await first.ada.get('/old/set')
    await first.ada.get('/new/remember')
    const later = 'another secret, which is the one of today'
    const standIn = ours({
      ...quiet,
      store: first.store,
      secret: [later, secret],
      name: 'sid',
      persistent: { idleTimeout: 10 * 86_400 },
    })
    const ada = visitor(await site(standIn, app), first.ada.jar)
    advance(MINUTE)
    expect((await ada.get()).text).toBe('ada')
    advance(DAY)
    expect((await ada.get()).text).toBe('ada')
  })

  it.each([true, false])(
    'who signs in natively where the same request took them over keeps the token of that, mounted first: %s',
    async (isFirst) => {
      const { store, ada } = await former()
      const other = memoryStore()
      const name = 'id'
      const web = nodeSessions(
        createSessions<{ user: string }>({ store: other, secret, cookie: { name, secure: false } }),
      )
      const standIn = ours({
        ...quiet,
        name,
        store: other,
        previous: { store, name: 'connect.sid' },
      })
      const url = await serve(
        express()
          .use(isFirst ? [standIn, web.middleware] : [web.middleware, standIn])
          .get('/in', async (request, response) => {
            const session = await web.open(request)
            session.signIn('ada', { method: 'password' })
            response.send(String(session.get('user')))
          })
          .get('/', async (request, response) => {
            const session = await web.open(request)
            response.send(`${session.subject} ${(request.session as unknown as Bag).user}`)
          }),
      )
      const moved = visitor(url, ada.jar)
      expect((await moved.get('/in')).text).toBe('ada')
      expect((await moved.get('/')).text).toBe('ada ada')
      expect((await moved.get('/')).text).toBe('ada ada')
    },
  )
})

describe('the old cookie', () => {
  it('waits for a client that has not seen the new one, also where its request is asked for its session again', async () => {
    const advance = stopClock()
    const { store, ada } = await former()
    const middleware = ours({ ...quiet, store })
    const cookie = [...ada.jar].map((pair) => pair.join('=')).join('; ')
    const request = { url: '/', headers: { cookie } } as Req
    const open = (): Promise<unknown> =>
      new Promise((next) => middleware(request, {} as ServerResponse, next))
    await open()
    expect(request.session.user).toBe('ada')
    Reflect.deleteProperty(request, 'session')
    await open()
    expect(request.session.user).toBe('ada')
    await new Promise((done) => request.session.save(done))
    advance(MINUTE)
    const page = visitor(await site(middleware, app), ada.jar)
    expect((await page.get()).text).toBe('ada')
  })

  it('does not take the place of a session that its visitor has today', async () => {
    const { store, ada } = await former()
    const given = {
      ...quiet,
      store: memoryStore(),
      name: 'id',
      previous: { store, name: 'connect.sid' },
    }
    const url = await site(ours(given), app)
    const eva = visitor(url)
    await eva.get('/in/eva')
    for (const [name, value] of ada.jar) eva.jar.set(name, value)
    expect((await eva.get()).text).toBe('eva')
  })
})

// As express-session's own page says it: `req.session.cookie.expires = false`.
describe.each(modules)('a cookie that is to go with the browser, with $name', ({ session }) => {
  it('leaves its session open', async () => {
    const store = new session.MemoryStore()
    const url = await site(session({ ...quiet, store }), ({ session, url }, response) => {
      if (url === '/in') {
        session.user = 'ada'
        session.cookie.expires = false as never
      }
      response.end(String(session.user))
    })
    const one = visitor(url)
    expect((await one.get('/in')).cookies.join()).not.toContain('Expires')
    for (let i = 0; i < 3; i++) expect((await one.get()).text).toBe('ada')
  })
})

describe.each([
  ['the same store', (store: Kept) => store],
  ['another connect-style store', () => new ours.MemoryStore()],
  ['a store of ours', () => memoryStore()],
])('a session whose cookie was to go with the browser, taken over into %s', (_, storeOf) => {
  it('stays open', async () => {
    const old = new theirs.MemoryStore() as Kept
    const store = new ours.MemoryStore()
    store.sessions = old.sessions
    const url = await site(theirs({ ...quiet, store: old }), ({ session }, response) => {
      session.user = 'ada'
      session.cookie.expires = false as never
      response.end()
    })
    const ada = visitor(url)
    await ada.get()
    const given = { ...quiet, store: storeOf(store), previous: { store } }
    const moved = visitor(await site(ours(given), app), ada.jar)
    for (let i = 0; i < 3; i++) expect((await moved.get()).text).toBe('ada')
  })
})
