import { createSessions, memoryStore, type SessionEvent } from '@sojourn/core'
import type { SessionOptions } from '@sojourn/node/express-session'
import * as entry from '@sojourn/node/express-session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { countedStore } from './counted-store.ts'
import {
  type Bag,
  count,
  countingStore,
  done,
  type Handle,
  modules,
  ours,
  type Req,
  secret,
  site,
  stopClock,
  visitor,
} from './kit.ts'

const quiet = { secret, resave: false, saveUninitialized: false }
const open = (options: SessionOptions, handle: Handle = count) =>
  site(ours({ ...quiet, ...options }), handle)

describe('what a request costs the store', () => {
  it('is nothing for a visitor without a cookie, who leaves without one', async () => {
    const store = countedStore()
    const url = await open({ store }, ({ session }, response) =>
      response.end(String(session.count)),
    )
    const { cookies, headers } = await visitor(url).get()
    expect([store.calls, cookies, headers.get('cache-control')]).toEqual([[], [], null])
  })

  it('is nothing where nobody looks at the session, and the head says nothing of it', async () => {
    const store = countedStore()
    const url = await open({ store }, done)
    const { headers } = await visitor(url).get()
    expect([store.calls, headers.get('vary')]).toEqual([[], null])
  })

  it.each(['end', 'write', 'writeHead'])(
    'is nothing but a write where the session is first asked for as an argument of %s',
    async (name) => {
      const store = countedStore()
      const lazy = await open({ store }, (request, response) => {
        const set = (): string => {
          request.session.hit = true
          return 'hit'
        }
        if (name === 'end') response.end(set())
        if (name === 'write') response.write(set())
        if (name === 'writeHead') response.writeHead(200, { 'x-hit': set() })
        if (name !== 'end') response.end()
      })
      expect((await visitor(lazy).get()).cookies).toHaveLength(1)
      expect(store.calls).toEqual(['create'])
    },
  )

  it('is nothing for a forged token', async () => {
    const store = countedStore()
    const one = visitor(await open({ store }, (_, response) => response.end()))
    one.jar.set('connect.sid', `${'a'.repeat(32)}.0.${'b'.repeat(43)}`)
    await one.get()
    expect(store.calls).toEqual([])
  })

  it('is a write for a new one, a read for a look, and both for a change', async () => {
    const store = countedStore()
    const one = visitor(
      await open({ store }, (request, response) =>
        request.url === '/look' ? response.end() : count(request, response),
      ),
    )
    await one.get()
    await one.get('/look')
    await one.get()
    expect(store.calls).toEqual(['create', 'read', 'read', 'update'])
  })

  it('is a touch once in a tenth of the time that a session lives without use', async () => {
    const advance = stopClock()
    const store = countedStore()
    const one = visitor(
      await open({ store, cookie: { maxAge: 100_000 } }, (request, response) =>
        request.url === '/look' ? response.end() : count(request, response),
      ),
    )
    await one.get()
    store.calls.length = 0
    for (let visit = 0; visit < 30; visit++) {
      advance(1000)
      await one.get('/look')
    }
    expect(store.calls.filter((call) => call === 'touch')).toHaveLength(3)
  })
})

describe('a session ends', () => {
  const look: Handle = (request, response) =>
    request.url === '/look' ? response.end(String(request.session.count)) : count(request, response)

  it('when it was not used for as long as its cookie lives', async () => {
    const advance = stopClock()
    const events: SessionEvent[] = []
    const store = memoryStore()
    const onEvent = (event: SessionEvent) => void events.push(event)
    const one = visitor(await open({ store, onEvent, cookie: { maxAge: 60_000 } }, look))
    await one.get()
    for (let minute = 0; minute < 5; minute++) {
      advance(50_000)
      expect((await one.get('/look')).text).toBe('1')
    }
    advance(60_000)
    expect((await one.get('/look')).text).toBe('undefined')
    expect(events.at(-1)).toMatchObject({ type: 'expired', timeout: 'idle' })
    expect(store.size).toBe(0)
  })

  it('no sooner for being written, which is use as well', async () => {
    const advance = stopClock()
    const one = visitor(await open({ store: memoryStore(), cookie: { maxAge: 60_000 } }, look))
    for (let visit = 1; visit < 5; visit++) {
      expect((await one.get()).text).toBe(String(visit))
      advance(50_000)
    }
  })

  it('after a day without use where its cookie has no end, or what "idleTimeout" says', async () => {
    const advance = stopClock()
    for (const [options, seconds] of [
      [{}, 86_400],
      [{ idleTimeout: 600 }, 600],
    ] as const) {
      const one = visitor(await open({ store: memoryStore(), ...options }, look))
      await one.get()
      advance(seconds * 1000 - 1)
      expect((await one.get('/look')).text).toBe('1')
      advance(seconds * 1000)
      expect((await one.get('/look')).text).toBe('undefined')
    }
  })

  it('at last, whatever its use, where "absoluteTimeout" says so', async () => {
    const advance = stopClock()
    const one = visitor(
      await open({ store: memoryStore(), absoluteTimeout: 3600, idleTimeout: 1000 }, look),
    )
    await one.get()
    for (let visit = 0; visit < 6; visit++) {
      expect((await one.get('/look')).text).toBe('1')
      advance(600_000)
    }
    expect((await one.get('/look')).text).toBe('undefined')
  })

  it('later, where the request lets it ("remember me"), with a cookie that says the same', async () => {
    const advance = stopClock()
    const one = visitor(
      await open({ store: memoryStore() }, (request, response) => {
        if (request.url !== '/remember') return look(request, response)
        request.session.cookie.maxAge = 30 * 86_400_000
        return response.end()
      }),
    )
    await one.get()
    expect((await one.get('/remember')).cookies[0]).toMatch(/Expires/)
    advance(20 * 86_400_000)
    expect((await one.get('/look')).text).toBe('1')
    advance(20 * 86_400_000)
    expect((await one.get('/look')).text).toBe('1')
  })

  it('when it is destroyed, and its cookie is taken away', async () => {
    const one = visitor(
      await open({ store: memoryStore() }, (request, response) =>
        request.url === '/out'
          ? request.session.destroy(() => response.end())
          : count(request, response),
      ),
    )
    await one.get()
    const { cookies } = await one.get('/out')
    expect(cookies).toEqual([expect.stringMatching(/^connect\.sid=; .*Expires=Thu, 01 Jan 1970/)])
  })
})

it.each([
  ['idleTimeout', { idleTimeout: 0 }],
  ['idleTimeout', { idleTimeout: 1.5 }],
  ['absoluteTimeout', { absoluteTimeout: -1 }],
  ['persistent.idleTimeout', { persistent: { idleTimeout: Number.NaN } }],
  ['persistent.absoluteTimeout', { persistent: { absoluteTimeout: 0 } }],
])('a timeout that is none is refused by its name: %s %o', (name, options) => {
  expect(() => ours({ ...quiet, ...options })).toThrow(new RegExp(`^"${name}" must be`))
})

describe('its methods', () => {
  it('give promises where no callback is given', async () => {
    const url = await open({ store: memoryStore() }, async ({ session }, response) => {
      session.count = 1
      const { id } = session
      await session.save()
      await session.reload()
      await session.regenerate()
      response.end(id)
    })
    expect((await visitor(url).get()).text).toMatch(/^[\w-]{32}$/)
  })

  it('reject where the store fails, and bring nothing down where nobody waits for them', async () => {
    const store = { ...memoryStore(), create: () => Promise.reject(new Error('down')) }
    const unhandled: unknown[] = []
    const listen = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', listen)
    onTestFinished(() => void process.off('unhandledRejection', listen))
    const url = await open({ store }, async ({ session }, response) => {
      session.count = 1
      session.save()
      const error = await (session.save() as Promise<void>).catch((failure) => failure)
      await new Promise((resolve) => setImmediate(resolve))
      Reflect.deleteProperty(session, 'count')
      response.end((error as Error).message)
    })
    const { text, status } = await visitor(url).get()
    expect([text, status]).toEqual(['The store failed to update', 200])
    expect(unhandled).toEqual([])
  })

  it('work where there is a socket and no response', async () => {
    const store = memoryStore()
    const middleware = ours({ ...quiet, store })
    const one = visitor(await site(middleware, count))
    await one.get()
    const request = {
      headers: { cookie: `connect.sid=${one.jar.get('connect.sid')}` },
      url: '/ws',
    } as Req
    await new Promise<void>((resolve) => middleware(request, {} as never, () => resolve()))
    expect(request.session.count).toBe(1)
    request.session.count = 5
    await request.session.save()
    expect((await one.get()).text).toBe('6')
  })
})

describe('a session of the drop-in', () => {
  it('is one of the core under the same secret and name, and so can be kept when the application moves on', async () => {
    const store = memoryStore()
    const one = visitor(await open({ store, name: 'id' }))
    await one.get()
    const sessions = createSessions<{ count: number }>({ store, secret, cookie: { name: 'id' } })
    const headers = new Headers({ cookie: `id=${one.jar.get('id')}` })
    const session = await sessions.open({ headers })
    expect(session.get('count')).toBe(1)
    expect(await sessions.revoke(session.id ?? '')).toBe(true)
    expect((await one.get()).text).toBe('1')
  })

  it('has an id that is public, known from the start, and the same from then on', async () => {
    const one = visitor(
      await open({ store: memoryStore() }, (request, response) => {
        const { id } = request.session
        request.session.hit = true
        response.end(`${id} ${request.sessionID}`)
      }),
    )
    const first = (await one.get()).text
    expect(first).toMatch(/^([\w-]{32}) \1$/)
    expect((await one.get()).text).toBe(first)
    expect(one.jar.get('connect.sid')).not.toContain(first.split(' ')[0])
  })

  it('gets another token when its secret is not the first any more', async () => {
    const store = memoryStore()
    const one = visitor(await open({ store, secret: 'x'.repeat(32) }))
    await one.get()
    const newer = await open({ store, secret: ['y'.repeat(32), 'x'.repeat(32)] }, (_, response) =>
      response.end(),
    )
    const { cookies } = await visitor(newer, one.jar).get()
    expect(cookies).toHaveLength(1)
    expect((await visitor(await open({ store, secret: 'y'.repeat(32) }), one.jar).get()).text).toBe(
      '2',
    )
  })

  it('is kept out of shared caches with the response that hands it out', async () => {
    const url = await open({ store: memoryStore() }, (request, response) => {
      response.setHeader('cache-control', 'public, max-age=600')
      response.setHeader('cdn-cache-control', 'max-age=600')
      response.setHeader('vary', 'Accept')
      count(request, response)
    })
    const { headers } = await visitor(url).get()
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('cdn-cache-control')).toBe(null)
    expect(headers.get('vary')).toBe('Accept, Cookie')
  })

  it('goes on with a new cookie where its record has lost its own', async () => {
    const store = new ours.MemoryStore()
    const one = visitor(await open({ store, cookie: { maxAge: 60_000 } }))
    await one.get()
    for (const [id, text] of Object.entries(store.sessions)) {
      const { cookie: _, ...rest } = JSON.parse(text)
      store.sessions[id] = JSON.stringify(rest)
    }
    expect((await one.get()).text).toBe('2')
    const [text = ''] = Object.values(store.sessions)
    expect(JSON.parse(text).cookie.originalMaxAge).toBe(60_000)
  })

  it('can be read, changed and destroyed through `req.sessionStore`', async () => {
    const one = visitor(
      await open({ store: memoryStore() }, (request, response) => {
        const { sessionStore: store, sessionID, url } = request
        if (url === '/get') {
          store.get(sessionID, (_, found) =>
            response.end(String((found as unknown as Bag | null)?.count)),
          )
        } else if (url === '/set') {
          store.get(sessionID, (_, found) => {
            store.set(sessionID, Object.assign(found as object as Bag, { count: 41 }), () =>
              response.end(),
            )
          })
        } else if (url === '/destroy') store.destroy(sessionID, () => response.end())
        else count(request, response)
      }),
    )
    await one.get()
    expect((await one.get('/get')).text).toBe('1')
    await one.get('/set')
    expect((await one.get()).text).toBe('42')
    await one.get('/destroy')
    expect((await one.get()).text).toBe('1')
  })
})

describe('a session that a store has loaded', () => {
  it('is saved to that store, and brings nothing down where that fails', async () => {
    const store = new ours.MemoryStore()
    const one = visitor(
      await open({ store }, (request, response) => {
        request.session.hit = true
        response.end(request.sessionID)
      }),
    )
    const id = (await one.get()).text
    const loaded = await new Promise<Bag>((resolve) => {
      store.load(id, (_, session) => resolve(session as unknown as Bag))
    })
    loaded.hit = 'seen'
    await loaded.save()
    expect(store.sessions[id]).toContain('seen')
    const unhandled: unknown[] = []
    const listen = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', listen)
    onTestFinished(() => void process.off('unhandledRejection', listen))
    store.set = (_, __, callback) => callback?.(new Error('down'))
    loaded.save()
    await new Promise((resolve) => setTimeout(resolve))
    expect(unhandled).toEqual([])
  })
})

describe('a store that fails to save', () => {
  it('leaves nothing of the page in the answer to that', async () => {
    const store = { ...memoryStore(), create: () => Promise.reject(new Error('down')) }
    const url = await open({ store }, (request, response) => {
      request.session.hit = true
      response.writeHead(201, { etag: '"page"', 'cache-control': 'max-age=600', 'x-request': '7' })
      response.end('page')
    })
    const { status, text, headers } = await visitor(url).get()
    expect([status, text]).toEqual([500, 'The store failed to update'])
    expect([headers.get('etag'), headers.get('cache-control'), headers.get('x-request')]).toEqual([
      null,
      null,
      '7',
    ])
  })
})

describe('a store that fails to touch', () => {
  it('fails no request', async () => {
    const store = countingStore(ours)
    store.touch = (_, __, callback) => callback?.(new Error('down'))
    const one = visitor(
      await open({ store }, (request, response) =>
        request.url === '/look' ? response.end('fine') : count(request, response),
      ),
    )
    await one.get()
    expect((await one.get('/look')).text).toBe('fine')
  })
})

describe('the module', () => {
  it('is for `require` what it is for a default import', () => {
    expect(new Map(Object.entries(entry)).get('module.exports')).toBe(entry.default)
    for (const { session } of modules) expect(session.Cookie).toBeTypeOf('function')
  })
})
