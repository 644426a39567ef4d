import { ServerResponse } from 'node:http'
import type { SessionOptions } from '@sojourn/node/express-session'
import { describe, expect, it } from 'vitest'
import {
  count,
  countingStore,
  type Handle,
  modules,
  type Req,
  serve,
  site,
  stopClock,
  usual,
  visitor,
} from './kit.ts'

// What express-session's own suite says of it, in our words. All of it runs on both, so each is known to be true of the original.
describe.each(modules)('$name', ({ session }) => {
  const open = (options: SessionOptions, handle: Handle = count, before?: Handle) =>
    site(session({ ...usual, ...options }), handle, before)

  describe('with `req.session = null`', () => {
    const leave: Handle = (request, response) => {
      if (request.url === '/leave') request.session = null as never
      else request.session.user = 'bob'
      response.end()
    }
    it.each([
      { unset: undefined, left: 1 },
      { unset: 'keep', left: 1 },
      { unset: 'destroy', left: 0 },
    ] as const)('does to the store what "unset" says: $unset', async ({ unset, left }) => {
      const store = new session.MemoryStore()
      const one = visitor(await open({ store, unset }, leave))
      await one.get()
      await one.get('/leave')
      expect(Object.keys(store.sessions)).toHaveLength(left)
    })

    it('sets no cookie for a session that was never stored', async () => {
      const one = visitor(await open({ unset: 'destroy' }, leave))
      expect((await one.get('/leave')).cookies).toEqual([])
    })

    it('ends it before a body in pieces', async () => {
      const store = new session.MemoryStore()
      const url = await open({ store, unset: 'destroy' }, (request, response) => {
        if (request.url === '/leave') request.session = null as never
        else request.session.user = 'bob'
        response.write('good')
        response.end('bye')
      })
      const one = visitor(url)
      await one.get()
      expect((await one.get('/leave')).text).toBe('goodbye')
      expect(store.sessions).toEqual({})
    })
  })

  describe('by its methods', () => {
    it('is destroyed, and is not on the request any more', async () => {
      const store = new session.MemoryStore()
      const one = visitor(
        await open({ store }, (request, response) => {
          if (request.url !== '/destroy') return count(request, response)
          return request.session.destroy((error) =>
            response.end(`${error} ${'session' in request ? request.session : 'gone'}`),
          )
        }),
      )
      expect((await one.get('/destroy')).cookies).toEqual([])
      await one.get()
      expect((await one.get('/destroy')).text).toMatch(/^(undefined|null) gone$/)
      expect(store.sessions).toEqual({})
    })

    it('is regenerated: another id, another cookie, no data, and the old one opens nothing', async () => {
      const url = await open({}, (request, response) => {
        if (request.url !== '/regenerate') return count(request, response)
        const { id } = request.session
        return request.session.regenerate(() => {
          request.session.user = 'bob'
          response.end(`${request.session.id === id} ${request.session.count}`)
        })
      })
      const one = visitor(url)
      await one.get()
      const before = new Map(one.jar)
      expect((await one.get('/regenerate')).text).toBe('false undefined')
      expect(one.jar).not.toEqual(before)
      expect((await one.get()).text).toBe('1')
      expect((await visitor(url, before).get()).text).toBe('1')
    })

    it('is regenerated with nothing set in it: the next request has the same one', async () => {
      const one = visitor(
        await open({ saveUninitialized: false }, ({ session: bag, url }, response) => {
          if (url !== '/regenerate') return response.end(bag.id)
          return bag.regenerate(() => response.end('done'))
        }),
      )
      await one.get('/regenerate')
      const { text } = await one.get()
      expect((await one.get()).text).toBe(text)
    })

    it('is reloaded: what another request wrote is seen, and what this one set is not', async () => {
      let two = async (): Promise<unknown> => null
      const address = await open({}, async (request, response) => {
        if (request.url !== '/slow') return count(request, response)
        request.session.count = 99
        await two()
        return request.session.reload(() => response.end(String(request.session.count)))
      })
      const one = visitor(address)
      await one.get()
      two = () => visitor(address, new Map(one.jar)).get()
      expect((await one.get('/slow')).text).toBe('2')
    })

    it('is saved as it was before it was reloaded, where that object is asked', async () => {
      const store = new session.MemoryStore()
      const middleware = session({ ...usual, store, resave: false })
      const one = visitor(await site(middleware, count))
      await one.get()
      const url = await serve((request, response) => {
        // As for an upgrade: a response that nobody sends.
        middleware(request, new ServerResponse(request), () => {
          const before = (request as Req).session
          before.reload(() => {
            before.count = 7
            before.save(() => response.end())
          })
        })
      })
      await visitor(url, one.jar).get()
      expect((await one.get()).text).toBe('8')
    })

    it('says that it cannot be reloaded where it is gone, as often as it is asked', async () => {
      const store = new session.MemoryStore()
      const one = visitor(
        await open({ store, resave: false }, (request, response) => {
          if (request.url !== '/gone') return count(request, response)
          store.clear()
          let left = 20
          const again = (error?: unknown): unknown =>
            left-- ? request.session.reload(again) : response.end((error as Error).message)
          return again()
        }),
      )
      await one.get()
      expect((await one.get('/gone')).text).toBe('failed to load session')
    })

    it.each([true, false])(
      'is saved at once, and not once more at the end (saveUninitialized: %s)',
      async (saveUninitialized) => {
        const advance = stopClock()
        const store = countingStore(session)
        const one = visitor(
          await open({ store, saveUninitialized }, (request, response) => {
            request.session.hit = true
            request.session.save(() =>
              store.get(request.session.id, (_, found) => response.end(found ? 'stored' : 'empty')),
            )
          }),
        )
        for (let visit = 0; visit < 2; visit++) {
          store.calls.length = 0
          advance(1)
          expect((await one.get()).text).toBe('stored')
          expect(store.calls.filter((call) => call === 'set')).toHaveLength(1)
        }
      },
    )

    it('is touched: its expiry begins anew', async () => {
      const advance = stopClock()
      const one = visitor(
        await open({ resave: false }, ({ session: bag }, response) => {
          bag.hit = true
          const left = bag.cookie.maxAge
          response.end(`${left} ${bag.touch().cookie.maxAge}`)
        }),
      )
      await one.get()
      advance(50_000)
      await one.get()
      advance(50_000)
      expect((await one.get()).text).toMatch(/ 60000$/)
    })
  })
})
