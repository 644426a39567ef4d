import { EventEmitter } from 'node:events'
import { inherits } from 'node:util'
import type { ConnectStore, SessionOptions } from '@sojourn/node/express-session'
import { describe, expect, it } from 'vitest'
import {
  count,
  countingStore,
  done,
  type Handle,
  modules,
  site,
  stopClock,
  usual,
  visitor,
} from './kit.ts'

// What express-session's own suite says of it, in our words. All of it runs on both, so each is known to be true of the original.
describe.each(modules)('$name', ({ session, isOriginal }) => {
  const open = (options: SessionOptions, handle: Handle = count, before?: Handle) =>
    site(session({ ...usual, ...options }), handle, before)

  describe('saves', () => {
    const bodies: Record<string, Handle> = {
      'a body': (_, response) => response.end('saved'),
      'an empty body': (_, response) => response.setHeader('content-length', 0).end(),
      'a null for a body': (_, response) => response.end(null),
      'a body with a length': (_, response) => response.setHeader('content-length', 5).end('saved'),
      'a body in pieces': (_, response) => {
        response.setHeader('content-length', 5)
        response.write('sav')
        response.end('ed')
      },
      'a body that is ended twice': (_, response) => {
        response.end('saved')
        response.end()
      },
    }
    it.each(Object.keys(bodies))('before the response has ended: %s', async (name) => {
      const store = new session.MemoryStore()
      const own = store.set
      let isSet = false
      store.set = (id, kept, callback) => {
        setTimeout(() => {
          isSet = true
          own.call(store, id, kept, callback)
        }, 20)
      }
      const url = await open({ store }, (request, response) => {
        request.session.hit = true
        bodies[name]?.(request, response)
      })
      const { status, text } = await visitor(url).get()
      expect([status, isSet]).toEqual([200, true])
      expect(['', 'saved']).toContain(text)
    })

    it('what changes after the first piece of the body, before its end', async () => {
      const store = new session.MemoryStore()
      const own = store.set
      store.set = (id, kept, callback) =>
        void setTimeout(() => own.call(store, id, kept, callback), 20)
      const url = await open({ store, resave: false }, async (request, response) => {
        const seen = String(request.session.late)
        response.write('a ')
        await new Promise((resolve) => setTimeout(resolve, 40))
        if (request.url === '/late') request.session.late = true
        response.end(seen)
      })
      const one = visitor(url)
      expect((await one.get()).text).toBe('a undefined')
      expect((await one.get('/late')).text).toBe('a undefined')
      expect((await one.get()).text).toBe('a true')
    })

    it.each([
      { resave: undefined, sets: 1 },
      { resave: true, sets: 1 },
      { resave: false, sets: 0 },
    ])('an unmodified session as "resave" says: $resave', async ({ resave, sets }) => {
      const advance = stopClock()
      const store = countingStore(session)
      const one = visitor(
        await open({ store, resave }, (request, response) => {
          request.session.user = 'bob'
          response.end()
        }),
      )
      await one.get()
      store.calls.length = 0
      advance(1)
      await one.get()
      expect(store.calls.filter((call) => call === 'set')).toHaveLength(sets)
    })

    it.each([
      { resave: true, maxAge: undefined, sets: 1 },
      { resave: true, maxAge: 60_000, sets: 1 },
      { resave: false, maxAge: 60_000, sets: 0 },
    ])('to a store without "touch" as "resave" says: $resave, $maxAge', async (row) => {
      const { resave, maxAge, sets } = row
      const advance = stopClock()
      const store = countingStore(session)
      Object.assign(store, { touch: undefined })
      const one = visitor(
        await open({ store, resave, cookie: { maxAge } }, ({ session: bag }, response) => {
          bag.user = 'bob'
          response.end()
        }),
      )
      await one.get()
      store.calls.length = 0
      advance(1)
      await one.get()
      expect(store.calls.filter((call) => call === 'set')).toHaveLength(sets)
    })

    it('what changed, without "resave"', async () => {
      const store = countingStore(session)
      const one = visitor(await open({ store, resave: false }))
      await one.get()
      expect((await one.get()).text).toBe('2')
      expect((await one.get()).text).toBe('3')
    })

    it('a change in a member called "cookie" of some value', async () => {
      const one = visitor(
        await open({ resave: false }, ({ session: bag }, response) => {
          const user = (bag.user ?? { cookie: 0 }) as { cookie: number }
          user.cookie++
          bag.user = user
          response.end(String(user.cookie))
        }),
      )
      await one.get()
      await one.get()
      expect((await one.get()).text).toBe('3')
    })

    it.each([
      { saveUninitialized: undefined, stored: 1 },
      { saveUninitialized: true, stored: 1 },
      { saveUninitialized: false, stored: 0 },
    ])('an empty session as "saveUninitialized" says: $saveUninitialized', async (row) => {
      const { saveUninitialized, stored } = row
      const store = countingStore(session)
      const one = visitor(await open({ store, saveUninitialized }, done))
      const { cookies } = await one.get()
      expect(Object.keys(store.sessions)).toHaveLength(stored)
      expect(cookies).toHaveLength(stored)
      expect(store.calls).not.toContain('touch')
    })

    it('a session in which something was set, without "saveUninitialized"', async () => {
      const one = visitor(await open({ saveUninitialized: false }))
      expect((await one.get()).cookies).toHaveLength(1)
      expect((await one.get()).text).toBe('2')
    })

    it('in a store that calls back at once', async () => {
      const one = visitor(await open({ store: immediateStore() }))
      expect((await one.get()).text).toBe('1')
      expect((await one.get()).text).toBe('2')
    })
  })

  // Calls its base as code of before classes does.
  function immediateStore(): ConnectStore {
    const kept = new Map<string, string>()
    function Immediate(this: EventEmitter): void {
      session.Store.call(this)
    }
    inherits(Immediate, session.Store)
    const store = Reflect.construct(Immediate, []) as ConnectStore
    expect(store).toBeInstanceOf(EventEmitter)
    return Object.assign(store, {
      get: (id: string, callback: (error: null, found: never) => void) =>
        callback(null, JSON.parse(kept.get(id) ?? 'null') as never),
      set(id: string, value: unknown, callback: () => void) {
        kept.set(id, JSON.stringify(value))
        callback()
      },
      destroy(id: string, callback: () => void) {
        kept.delete(id)
        callback()
      },
    })
  }

  describe('beside other code that patches the response', () => {
    const patch: Handle = (_, response) => {
      const { end, write } = response
      let ended = false
      response.end = ((...args: [never, never]) => {
        ended = true
        return end.apply(response, args)
      }) as never
      response.write = ((...args: [never, never]) => {
        if (ended) throw new Error('write after end')
        return write.apply(response, args)
      }) as never
    }
    it.each(['before', 'after'])('%s it', async (when) => {
      const url = await open(
        {},
        (request, response) => {
          if (when === 'after') patch(request, response)
          request.session.hit = true
          response.write('hello, ')
          response.end('world')
        },
        (request, response) => void (when === 'before' && patch(request, response)),
      )
      expect((await visitor(url).get()).text).toBe('hello, world')
    })
  })

  // Where the two part, on purpose.
  describe('when the store fails to save', () => {
    const failing = (): ConnectStore => {
      const store = new session.MemoryStore()
      store.set = (_, __, callback) => void callback?.(new Error('boom'))
      return store
    }
    it(
      isOriginal ? 'has told the client that all is well' : 'tells the client that it failed',
      async () => {
        let error: unknown
        const middleware = session({ ...usual, store: failing() })
        const url = await site(
          (request, response, next) =>
            middleware(request, response, (failure) => {
              error ??= failure
              if (failure && response.headersSent) return
              next(failure)
            }),
          count,
        )
        const { status, text, cookies } = await visitor(url).get()
        expect((error as Error).message).toBe('boom')
        expect([status, text, cookies.length]).toEqual(
          isOriginal ? [200, '1', 1] : [500, 'boom', 0],
        )
      },
    )
  })
})
