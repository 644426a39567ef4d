import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connectStore } from '@sojourn/node/express-session'
import { describe, expect, it, vi } from 'vitest'
import {
  type Handle,
  modules,
  ours,
  type Req,
  secret,
  site,
  visitor,
} from './express-session/kit.ts'

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

/** A store whose next call of a method takes longer than anybody waits: a reading is answered late, a writing is done late. */
function slow(method: 'get' | 'set' | 'touch') {
  const raw = new ours.MemoryStore()
  const own = raw[method] as (...args: unknown[]) => unknown
  const held: (() => unknown)[] = []
  return {
    raw,
    store: connectStore(raw),
    stall() {
      raw[method] = ((...args: unknown[]) => {
        raw[method] = own as never
        if (method !== 'get') return held.push(() => own.apply(raw, args))
        const done = args[1] as (...answer: unknown[]) => void
        return own.call(raw, args[0], (...answer: unknown[]) => held.push(() => done(...answer)))
      }) as never
    },
    /** Lets it go on, late. */
    async wake() {
      for (const go of held) go()
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('a session that ended while the store was slow', () => {
  it.each([
    ['a write, whose reading', 'get', 'update'],
    ['a touch, whose reading', 'get', 'touch'],
    ['a write, which', 'set', 'update'],
    ['a touch, which', 'set', 'touch'],
  ] as const)('is not brought back by %s was given up before', async (_, method, verb) => {
    const { raw, store, stall, wake } = slow(method)
    // As session-file-store does.
    raw.touch = (id, session, done) => raw.set(id, session as never, done)
    await store.put(record)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    stall()
    const given =
      verb === 'update'
        ? store.update({ ...record, version: 2 }, 0)
        : store.touchOwn?.(record.id, new ours.Cookie())
    const lost = expect(given).rejects.toThrow('5000 ms')
    await vi.advanceTimersByTimeAsync(5000)
    await lost
    expect(await store.delete(record.id)).toBe(true)
    await wake()
    expect(Object.keys(raw.sessions)).toEqual([])
    expect(await store.read(record.id)).toBe(null)
  })
})

describe('a store that does not call back from its touch', () => {
  it('leaves the last of many requests of one session waiting no longer than the first', async () => {
    const raw = new ours.MemoryStore()
    const store = connectStore(raw)
    await store.put(record)
    raw.touch = () => {}
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const touches = Array.from({ length: 5 }, () => store.touchOwn?.(record.id, new ours.Cookie()))
    const lost = Promise.allSettled(touches)
    await vi.advanceTimersByTimeAsync(5000)
    await Promise.race([lost, new Promise((resolve) => setImmediate(resolve))])
    vi.useRealTimers()
    expect(await Promise.race([lost, 'still waiting'])).toHaveLength(5)
  })
})

describe('a session of express-session', () => {
  it.each(['get', 'destroy'] as const)(
    'leaves no request waiting where the store never calls back from its %s',
    async (method) => {
      const store = new ours.MemoryStore()
      const signature = createHmac('sha256', secret).update('old').digest('base64')
      const cookie = `connect.sid=${encodeURIComponent(`s:old.${signature.replace(/=+$/, '')}`)}`
      const old = JSON.stringify({ cookie: { originalMaxAge: null }, user: 'ada' })
      Object.assign(store.sessions, { old })
      store[method] = () => {}
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const request = { url: '/', headers: { cookie } } as IncomingMessage
      const passed = new Promise((next) => {
        ours({ secret, store, resave: false, saveUninitialized: false })(
          request,
          {} as ServerResponse,
          next,
        )
      })
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
      await vi.advanceTimersByTimeAsync(5000)
      expect(String(await passed)).toContain('5000 ms')
    },
  )
})

const options = { secret, resave: false, saveUninitialized: false }

describe.each(modules)('a response that is ended twice, with $name', ({ session }) => {
  it('harms nobody while its session is saved after the head has left', async () => {
    const errors: unknown[] = []
    const url = await site(session(options), async ({ session, url }, response) => {
      response.on('error', (error) => errors.push(error))
      session.user ??= url
      response.write('a')
      await sleep(20)
      session.hit = url
      response.end('b')
      response.end('c')
    })
    expect((await visitor(url).get('/')).text).toBe('ab')
    expect(errors).toEqual([])
  })

  it.each(['is', 'is not'])(
    'harms nobody while its client is slow and its session %s used',
    async (is) => {
      const errors: unknown[] = []
      const url = await site(session(options), async (request, response) => {
        response.on('error', (error) => errors.push(error))
        if (is === 'is') request.session.user = 'ada'
        response.end(Buffer.alloc(20_000_000))
        await sleep(50)
        // As a time limit does that does not look.
        response.end('This took too long')
      })
      const client = connect(Number(new URL(url).port), '127.0.0.1')
      await once(client, 'connect')
      client.pause().write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      await sleep(200)
      client.destroy()
      expect(errors).toEqual([])
    },
  )
})

describe('a response that ends after its head has left', () => {
  async function ended(end: Handle): Promise<string> {
    const url = await site(ours(options), async (request, response) => {
      request.session.user = 'ada'
      response.write('a')
      await sleep(20)
      request.session.hit = true
      await end(request, response)
    })
    return (await visitor(url).get('/')).text
  }

  it.each([{}, 5, true, ['b']])(
    'refuses there and then what is no body, and can be ended by what is one: %o',
    async (body) => {
      const codes: unknown[] = []
      const text = await ended((_, response) => {
        try {
          response.end(body)
        } catch (error) {
          codes.push((error as NodeJS.ErrnoException).code)
          response.end('b')
        }
      })
      expect({ text, codes }).toEqual({ text: 'ab', codes: ['ERR_INVALID_ARG_TYPE'] })
    },
  )

  it('sends nothing between its pieces that is written after the end', async () => {
    const codes: unknown[] = []
    const text = await ended((_, response) => {
      response.end('b')
      response.write('c', (error) => codes.push((error as NodeJS.ErrnoException).code))
    })
    expect({ text, codes }).toEqual({ text: 'ab', codes: ['ERR_STREAM_WRITE_AFTER_END'] })
  })

  it('leaves no client waiting where Node refuses the end', async () => {
    const url = await site(ours(options), async (request, response) => {
      request.session.user = 'ada'
      response.strictContentLength = true
      response.setHeader('content-length', 5)
      response.write('a')
      await sleep(20)
      request.session.hit = true
      response.end('b')
    })
    await expect(visitor(url).get('/')).rejects.toThrow()
  })

  it('calls back, when it was destroyed meanwhile', async () => {
    const told = Promise.withResolvers<unknown>()
    const text = ended((_, response) => {
      response.end('b', told.resolve as () => void)
      response.destroy()
    })
    await expect(text).rejects.toThrow()
    expect(await told.promise).toMatchObject({ code: 'ERR_STREAM_DESTROYED' })
  })
})

describe.each(modules)('a session that somebody has wrapped, with $name', ({ session }) => {
  it('in a proxy, keeps its methods', async () => {
    const url = await site(session(options), async (request, response) => {
      const { url, session } = request
      const wrapped = new Proxy(session, {})
      const call = (name: 'save' | 'destroy' | 'reload' | 'regenerate') =>
        new Promise<void>((done, fail) => {
          wrapped[name]((error) => (error ? fail(error) : done()))
        })
      if (url === '/in') {
        session.user = 'ada'
        await call('save')
        await call('reload')
      }
      if (url === '/again') {
        await call('regenerate')
        request.session.user = 'grace'
      }
      if (url === '/out') await call('destroy')
      response.end(`${request.session?.user} ${wrapped.id === session.id}`)
    })
    const one = visitor(url)
    expect((await one.get('/in')).text).toBe('ada true')
    expect((await one.get('/')).text).toBe('ada true')
    expect((await one.get('/again')).text).toMatch('grace')
    expect((await one.get('/')).text).toBe('grace true')
    const old = new Map(one.jar)
    await one.get('/out')
    expect((await visitor(url, old).get('/')).text).toMatch('undefined')
  })
})

describe('a new session that cannot be written as JSON', () => {
  it('leaves nothing of itself in memory', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const middleware = ours(options)
    async function fail(times: number): Promise<number> {
      for (let i = 0; i < times; i++) {
        const request = { url: '/', headers: {} } as Req
        middleware(request, {} as ServerResponse, () => {})
        request.session.count = 1n
        await (request.session.save() as Promise<void>).catch(() => {})
      }
      collect()
      return process.memoryUsage().heapUsed
    }
    const before = await fail(2000)
    expect((await fail(10_000)) - before).toBeLessThan(1_500_000)
  }, 30_000)
})

/** What a WebSocket of socket.io's has for a response. */
class SocketResponse extends EventEmitter {
  readonly headers: Record<string, unknown> = {}
  setHeader(name: string, value: unknown): void {
    this.headers[name] = value
  }
  getHeader(name: string): unknown {
    return this.headers[name]
  }
  removeHeader(name: string): void {
    delete this.headers[name]
  }
  write(): void {}
  writeHead(): void {}
  end(): void {
    this.emit('finish')
  }
}

describe.each(modules)('a WebSocket of socket.io, with $name', ({ session }) => {
  it.each(['has', 'has not'])('is opened where its client %s a session', async (has) => {
    const middleware = session({ ...options, store: new session.MemoryStore() })
    const opened: unknown[] = []
    const url = await site(
      (request, response, next) => {
        if (request.url !== '/socket') return middleware(request, response, next)
        const answer = new SocketResponse()
        return middleware(request, answer as unknown as ServerResponse, (error) => {
          const { session } = request as Req
          opened.push(error, session.user)
          try {
            answer.writeHead()
          } catch (error) {
            opened.push(error)
          }
          session.late = true
          session.save(() => response.end())
        })
      },
      ({ session, url }, response) => {
        if (url === '/in') session.user = 'ada'
        response.end(String(session.late))
      },
    )
    const one = visitor(url)
    if (has === 'has') await one.get('/in')
    await one.get('/socket')
    expect(opened).toEqual([undefined, has === 'has' ? 'ada' : undefined])
    expect((await one.get('/')).text).toBe(has === 'has' ? 'true' : 'undefined')
  })
})

describe.each(modules)('a store that takes no touches, with $name', ({ session }) => {
  it.each([60_000, undefined])(
    'is written with each request where "resave" says so: maxAge %s',
    async (maxAge) => {
      const store = new session.MemoryStore()
      // As with "disableTouch" of connect-redis and of connect-pg-simple.
      store.touch = (_id, _session, done) => void setImmediate(done ?? (() => {}))
      const set = vi.spyOn(store, 'set')
      const cookie = maxAge === undefined ? {} : { maxAge }
      const middleware = session({ ...options, resave: true, store, cookie })
      const url = await site(middleware, ({ session }, response) => {
        session.user ??= 'ada'
        response.end()
      })
      const one = visitor(url)
      await one.get()
      const before = set.mock.calls.length
      await one.get()
      expect(set.mock.calls.length - before).toBe(1)
    },
  )
})
