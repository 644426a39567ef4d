import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { memoryStore } from '@sojourn/core'
import { connectStore } from '@sojourn/node/express-session'
import { describe, expect, it, vi } from 'vitest'
import {
  type Handle,
  type Middleware,
  modules,
  ours,
  type Req,
  secret,
  site,
  stopClock,
  theirs,
  visitor,
} from './express-session/kit.ts'

const quiet = { secret, resave: false, saveUninitialized: false }

/** Two ends of something awaited. */
function gate(): { readonly passed: Promise<void>; pass(): void } {
  const events = new EventEmitter()
  const passed = new Promise<void>((resolve) => void events.once('pass', resolve))
  return { passed, pass: () => void events.emit('pass') }
}

const stores = {
  'a connect-style store': () => new ours.MemoryStore(),
  'a store of ours': () => memoryStore(),
}

describe.each(Object.entries(stores))('a session that has ended, in %s', (_, newStore) => {
  it('is not brought back by a request that saves what it changed by hand, and then ends', async () => {
    const come = gate()
    const go = gate()
    const url = await site(
      ours({ ...quiet, store: newStore() }),
      async ({ session, url }, response) => {
        if (url === '/in') session.user = 'ada'
        if (url === '/out') await session.destroy()
        if (url === '/slow') {
          come.pass()
          await go.passed
          session.user = 'ada, as she calls herself now'
          await session.save()
          session.late = true
        }
        response.end(String(session.user))
      },
    )
    const one = visitor(url)
    await one.get('/in')
    const old = new Map(one.jar)
    const slow = visitor(url, new Map(old)).get('/slow')
    await come.passed
    await one.get('/out')
    go.pass()
    expect((await slow).cookies).toEqual([])
    expect((await visitor(url, old).get('/')).text).toBe('undefined')
  })

  it('is not brought back by who kept hold of it, and saves it', async () => {
    const url = await site(
      ours({ ...quiet, store: newStore() }),
      async ({ session, url }, response) => {
        if (url === '/in') session.user = 'ada'
        const { user } = session
        if (url === '/out') {
          await session.destroy()
          session.user = 'ada, who has not gone'
          await session.save()
        }
        response.end(String(user))
      },
    )
    const one = visitor(url)
    await one.get('/in')
    const old = new Map(one.jar)
    await one.get('/out')
    expect((await visitor(url, old).get('/')).text).toBe('undefined')
  })
})

describe.each(modules)('a session that the store failed to destroy, with $name', ({ session }) => {
  it('is destroyed where that is tried again', async () => {
    const store = new session.MemoryStore()
    const { destroy } = store
    let fails = 1
    store.destroy = (id, done) => {
      if (fails-- > 0) done?.(new Error('The store is busy'))
      else destroy.call(store, id, done)
    }
    const url = await site(session({ ...quiet, store }), async (request, response) => {
      const bag = request.session
      bag.user ??= 'ada'
      if (request.url === '/out') {
        const out = () => new Promise((done) => bag.destroy(done))
        response.end(String((await out()) ?? (await out())) + String(await out()))
      } else response.end(String(bag.user))
    })
    const one = visitor(url)
    await one.get('/')
    expect((await one.get('/out')).text).toBe('Error: The store is busyundefined')
    expect(Object.keys(store.sessions)).toEqual([])
  })
})

describe.each(modules)('what socket.io gives for a response, with $name', ({ session }) => {
  // The least that its engine has for a request to become a WebSocket.
  const bare = () =>
    ({
      setHeader() {},
      getHeader() {},
      removeHeader() {},
      write() {},
      writeHead() {},
      end() {},
    }) as unknown as ServerResponse

  it('lets a session be opened, changed and saved', async () => {
    const middleware = session({ ...quiet, saveUninitialized: true })
    const change: Handle = (request, response) => {
      request.session.count = Number(request.session.count ?? 0) + 1
      response.end(String(request.session.count))
    }
    const url = await site((request, response, next) => {
      if (request.url !== '/socket') return middleware(request, response, next)
      const answer = bare()
      return middleware(request, answer, async (error) => {
        const { session } = request as Req
        if (!error) {
          session.count = 10
          await new Promise((done) => session.save(done))
        }
        response.statusCode = error ? 500 : 200
        response.end(String(error))
      })
    }, change)
    const one = visitor(url)
    expect((await one.get('/')).text).toBe('1')
    expect((await one.get('/socket')).text).toBe('undefined')
    expect((await one.get('/')).text).toBe('11')
    expect((await visitor(url).get('/socket')).text).toBe('undefined')
  })
})

/** Enough of them for whatever asks nobody but this process. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(modules)('a store that is touched, with $name', ({ session, isOriginal }) => {
  it('may write what it is given', async () => {
    const store = new session.MemoryStore()
    store.touch = (id, given, done) => store.set(id, given as never, done)
    const url = await site(session({ ...quiet, store }), ({ session, url }, response) => {
      if (url === '/in') session.user = 'ada'
      response.end(String(session.user))
    })
    const one = visitor(url)
    for (const path of ['/in', '/', '/', '/']) expect((await one.get(path)).text).toBe('ada')
  })

  it('gets what it gave, of whatever type', async () => {
    const store = new session.MemoryStore()
    const { get, touch } = store
    // As connect-mongo keeps the instant from which its `touchAfter` counts.
    const lastModified = new Date()
    store.get = (id, done) =>
      get.call(store, id, (error, found) =>
        done(error, found && Object.assign(found, { lastModified })),
      )
    const given: unknown[] = []
    store.touch = (id, session, done) => {
      given.push((session as unknown as { lastModified: unknown }).lastModified)
      touch?.call(store, id, session, done)
    }
    const url = await site(session({ ...quiet, store }), ({ session, url }, response) => {
      if (url === '/in') session.user = 'ada'
      response.end()
    })
    const one = visitor(url)
    await one.get('/in')
    await one.get('/')
    expect(given).toEqual([lastModified])
  })

  it.each(['write', 'destroy'])(
    'by reading and writing, does not undo what another request %ss',
    async (what) => {
      const come = gate()
      const go = gate()
      const store = new session.MemoryStore()
      // As session-file-store does, and Prisma's.
      store.touch = (id, { cookie }, done) =>
        store.get(id, async (error, found) => {
          come.pass()
          await go.passed
          if (error || !found) done?.(error)
          else store.set(id, { ...found, cookie }, done)
        })
      const url = await site(session({ ...quiet, store }), async ({ session, url }, response) => {
        const { user, hit } = session
        if (url === '/in') session.user = 'ada'
        if (url === '/write') session.hit = true
        if (url === '/destroy') await new Promise((done) => session.destroy(done))
        response.end(`${user} ${hit}`)
      })
      const one = visitor(url)
      await one.get('/in')
      const jar = new Map(one.jar)
      const looking = visitor(url, new Map(jar)).get('/')
      await come.passed
      const changing = visitor(url, new Map(jar)).get(`/${what}`)
      await Promise.race([changing, turns()])
      go.pass()
      await Promise.all([looking, changing])
      const kept = what === 'write' ? 'ada true' : 'undefined undefined'
      expect((await visitor(url, jar).get('/')).text).toBe(isOriginal ? 'ada undefined' : kept)
    },
  )

  it('is not touched for a session that is not there any more', async () => {
    const come = gate()
    const go = gate()
    const store = new session.MemoryStore()
    store.touch = (id, given, done) => store.set(id, given as never, done)
    const url = await site(session({ ...quiet, store }), async ({ session, url }, response) => {
      if (url === '/in') session.user = 'ada'
      if (url === '/out') await session.destroy()
      if (url === '/slow') {
        come.pass()
        await go.passed
      }
      response.end()
    })
    const one = visitor(url)
    await one.get('/in')
    const looking = visitor(url, new Map(one.jar)).get('/slow')
    await come.passed
    await one.get('/out')
    go.pass()
    await looking
    expect(Object.keys(store.sessions)).toHaveLength(isOriginal ? 1 : 0)
  })
})

describe('a connect-style store', () => {
  const record = {
    id: 'x'.repeat(32),
    format: 1,
    version: 1,
    generation: 0,
    graceUntil: null,
    createdAt: 0,
    startedAt: 0,
    generatedAt: 0,
    lastSeenAt: 0,
    subject: null,
    authentications: [],
    persistent: false,
    device: null,
    data: { cookie: { originalMaxAge: null } },
  }

  it('that once never calls back keeps no session from being written ever after', async () => {
    const raw = new ours.MemoryStore()
    const { set } = raw
    const store = connectStore(raw)
    await store.put(record)
    raw.set = () => {}
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const lost = expect(store.update({ ...record, version: 2 }, 0)).rejects.toThrow('5000 ms')
    await vi.advanceTimersByTimeAsync(5000)
    await lost
    raw.set = set
    expect(await store.update({ ...record, version: 2 }, 0)).toBe('updated')
  })

  it('that never calls back from its touch leaves no request waiting', async () => {
    const raw = new ours.MemoryStore()
    const store = connectStore(raw)
    await store.put(record)
    raw.touch = () => {}
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const lost = expect(store.touchOwn?.(record.id, new ours.Cookie())).rejects.toThrow('5000 ms')
    await vi.advanceTimersByTimeAsync(5000)
    await lost
  })

  it('that two have wrapped is one store, whose sessions lose nothing', async () => {
    const raw = new ours.MemoryStore()
    const one = connectStore(raw)
    const other = connectStore(raw)
    await one.put(record)
    const answers = [one, other].map((store) => store.update({ ...record, version: 2 }, 0))
    expect((await Promise.all(answers)).sort()).toEqual(['stale', 'updated'])
  })
})

/** A visit that does something to its request, and one that looks at what is kept. */
async function kept(
  middleware: Middleware,
  change: (request: Req) => unknown,
): Promise<{ readonly status: number; readonly data: unknown }> {
  const url = await site(middleware, async (request, response) => {
    if (request.url === '/change') await change(request)
    const { cookie: _, ...data } = request.session
    response.end(JSON.stringify(data))
  })
  const one = visitor(url)
  await one.get('/change')
  const { status } = await one.get('/change')
  return { status, data: JSON.parse((await one.get('/')).text) }
}

/** What lodash and its kind make of an object. */
function clone<T extends object>(value: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(value)), value)
}

describe.each(modules)('what applications do to sessions, with $name', ({ session }) => {
  const options = { ...quiet, cookie: { maxAge: 60_000 } }
  const newOne = () => session({ ...options, store: new session.MemoryStore() })

  it('carries a copy of one over to the next', async () => {
    const { status, data } = await kept(newOne(), async (request) => {
      const copy = JSON.parse(JSON.stringify(request.session))
      await new Promise((done) => request.session.regenerate(done))
      Object.assign(request.session, copy, { user: 'ada' })
    })
    expect({ status, data }).toEqual({ status: 200, data: { user: 'ada' } })
  })

  it('takes a clone of its cookie, with when that expires', async () => {
    const { status, data } = await kept(newOne(), ({ session }) => {
      session.cookie = clone(session.cookie)
      session.hits = session.cookie.maxAge !== null
    })
    expect({ status, data }).toEqual({ status: 200, data: { hits: true } })
  })

  it('reads it again by hand', async () => {
    const { status, data } = await kept(newOne(), async (request) => {
      const { sessionStore, session, sessionID } = request
      session.a = 1
      await new Promise((done) => session.save(done))
      await new Promise<void>((done) => {
        sessionStore.get(sessionID, (_, found) => {
          sessionStore.createSession(request, found as never)
          done()
        })
      })
      request.session.late = true
    })
    expect({ status, data }).toEqual({ status: 200, data: { a: 1, late: true } })
  })

  it.each(['its middleware', 'another'])('stores it by hand, in the store of %s', async (whose) => {
    const store = new session.MemoryStore()
    const middleware = session({ ...options, store })
    if (whose === 'another') session({ ...options, store })
    const { status, data } = await kept(middleware, async ({ sessionID, session }) => {
      session.count = Number(session.count ?? 0) + 1
      await new Promise((done) => store.set(sessionID, session as never, done))
    })
    expect({ status, data }).toEqual({ status: 200, data: { count: 2 } })
  })
})

describe('a session that is stored by hand, in a store of ours', () => {
  it('is there before anything else has stored it', async () => {
    const { status, data } = await kept(ours({ ...quiet, store: memoryStore() }), (request) => {
      const { sessionStore, session, sessionID } = request
      session.count = Number(session.count ?? 0) + 1
      return new Promise<void>((done, fail) => {
        sessionStore.set(sessionID, session as never, (error) => (error ? fail(error) : done()))
      })
    })
    expect({ status, data }).toEqual({ status: 200, data: { count: 2 } })
  })
})

describe('a session of express-session', () => {
  it('that was taken over and then not used for too long is not opened by its old cookie', async () => {
    const pass = stopClock()
    const options = { ...quiet, cookie: { maxAge: 60_000 } }
    const old = new theirs.MemoryStore()
    const app: Handle = ({ session, url }, response) => {
      if (url === '/in') session.user = 'ada'
      response.end(String(session.user))
    }
    const before = visitor(await site(theirs({ ...options, store: old }), app))
    await before.get('/in')
    const store = memoryStore({ clock: Date.now })
    const previous = { store: Object.assign(new ours.MemoryStore(), { sessions: old.sessions }) }
    const url = await site(ours({ ...options, store, previous }), app)
    const replay = () => visitor(url, new Map(before.jar)).get('/')
    pass(59_000)
    expect((await replay()).text).toBe('ada')
    pass(59_000)
    expect((await replay()).text).toBe('ada')
    pass(61_000)
    expect((await replay()).text).toBe('undefined')
    expect((await replay()).text).toBe('undefined')
  })
})

describe.each(modules)('the id of somebody else, with $name', ({ session, isOriginal }) => {
  it(isOriginal ? 'opens their session to a handler' : 'opens nothing to a handler', async () => {
    const store = new session.MemoryStore()
    const url = await site(session({ ...quiet, store }), async (request, response) => {
      const { url, sessionStore } = request
      if (url === '/in') request.session.user = 'ada'
      else {
        if (url === '/looked') request.session.touch()
        request.sessionID = Object.keys(store.sessions)[0] ?? ''
        await new Promise<void>((done) => {
          sessionStore.get(request.sessionID, (_, found) => {
            sessionStore.createSession(request, found as never)
            request.session.hit = url
            done()
          })
        })
      }
      response.end()
    })
    await visitor(url).get('/in')
    const { status } = await visitor(url).get('/theirs')
    expect(status).toBe(200)
    expect((await visitor(url).get('/looked')).status).toBe(isOriginal ? 200 : 500)
    const kept = Object.values(store.sessions).map((text) => JSON.parse(text).hit)
    expect(kept).toEqual([isOriginal ? '/looked' : undefined])
  })
})

describe('what happens to a session', () => {
  it.each(Object.entries(stores))('is told as it happens, with %s', async (_, newStore) => {
    const pass = stopClock()
    const told: string[] = []
    const middleware = ours({
      ...quiet,
      store: newStore(),
      cookie: { maxAge: 60_000 },
      onEvent: ({ type, id }) => void told.push(`${type} ${id}`),
    })
    const url = await site(middleware, async (request, response) => {
      const { session, url } = request
      const { id } = session
      if (url === '/in') session.user = 'ada'
      if (url === '/change') session.hit = true
      if (url === '/regenerate') await session.regenerate()
      if (url === '/out') await session.destroy()
      response.end(`${id} ${request.session?.id}`)
    })
    const one = visitor(url)
    const on = async (path: string) => {
      const [before = '', after = ''] = (await one.get(path)).text.split(' ')
      return told.splice(0).map((event) => event.replace(before, 'it').replace(after, 'the next'))
    }
    expect(await on('/in')).toEqual(['created it'])
    expect(await on('/change')).toEqual([])
    pass(30_000)
    expect(await on('/')).toEqual(['touched it'])
    expect(await on('/regenerate')).toEqual(['revoked it', 'created the next'])
    expect(await on('/out')).toEqual(['revoked it'])
    expect(await on('/')).toEqual([])
  })

  it('is told of one that has expired', async () => {
    const pass = stopClock()
    const told: string[] = []
    const middleware = ours({
      ...quiet,
      store: memoryStore({ clock: Date.now }),
      cookie: { maxAge: 60_000 },
      onEvent: ({ type }) => void told.push(type),
    })
    const url = await site(middleware, ({ session }, response) => {
      session.user ??= 'ada'
      response.end()
    })
    const one = visitor(url)
    await one.get()
    pass(61_000)
    await one.get()
    expect(told).toEqual(['created', 'expired', 'created'])
  })
})

describe.each(modules)(
  'a head that has left before the session comes, with $name',
  ({ session }) => {
    it('lets what changes be saved before the body ends', async () => {
      const middleware = session({ ...quiet, store: new session.MemoryStore() })
      const early: Middleware = (request, response, next) => {
        if (request.url === '/stream') response.flushHeaders()
        middleware(request, response, next)
      }
      const url = await site(early, ({ session, url }, response) => {
        const { user } = session
        if (url !== '/') session.user = url
        response.end(String(user))
      })
      const one = visitor(url)
      await one.get('/in')
      expect((await one.get('/stream')).text).toBe('/in')
      expect((await one.get('/')).text).toBe('/stream')
    })
  },
)
