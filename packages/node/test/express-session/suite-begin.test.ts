import { createSecretKey } from 'node:crypto'
import type { SessionOptions } from '@sojourn/node/express-session'
import { describe, expect, it } from 'vitest'
import {
  type Bag,
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
describe.each(modules)('$name', ({ session }) => {
  const open = (options: SessionOptions, handle: Handle = count, before?: Handle) =>
    site(session({ ...usual, ...options }), handle, before)

  describe('begins a session', () => {
    it('has its classes on the function', () => {
      for (const name of ['Session', 'Store', 'MemoryStore', 'Cookie'] as const) {
        expect(typeof session[name]).toBe('function')
      }
    })

    it('leaves a request alone that has a session already', async () => {
      const url = await open({}, done, (request) => {
        request.session = {} as Bag
      })
      expect((await visitor(url).get()).cookies).toEqual([])
    })

    it('says that it lacks a secret', async () => {
      const answer = await visitor(await open({ secret: undefined })).get()
      expect([answer.status, answer.text]).toEqual([500, 'secret option required for sessions'])
    })

    it('takes the secret of a cookie parser', async () => {
      const url = await open({ secret: undefined }, count, (request) => {
        request.secret = 'keyboard cat'
      })
      const one = visitor(url)
      await one.get()
      expect((await one.get()).text).toBe('2')
    })

    it('stores it and hands out a cookie', async () => {
      const store = new session.MemoryStore()
      const one = visitor(await open({ store }))
      const { cookies } = await one.get()
      expect(cookies).toEqual([
        expect.stringMatching(/^connect\.sid=.+; Path=\/; Expires=.+; HttpOnly$/),
      ])
      expect(Object.keys(store.sessions)).toHaveLength(1)
      expect((await one.get()).text).toBe('2')
    })

    it('keeps visitors apart', async () => {
      const store = new session.MemoryStore()
      const url = await open({ store })
      await Promise.all([visitor(url).get(), visitor(url).get()])
      expect(Object.keys(store.sessions)).toHaveLength(2)
    })

    it('serves a request without a path', async () => {
      const url = await open({}, count, (request) => {
        request.url = ''
      })
      expect((await visitor(url).get()).cookies).toHaveLength(1)
    })

    it('passes on that the store failed to read', async () => {
      const store = new session.MemoryStore()
      const one = visitor(await open({ store }))
      await one.get()
      store.get = (_, callback) => callback(new Error('boom'))
      const answer = await one.get()
      expect([answer.status, answer.text]).toEqual([500, 'boom'])
    })

    it('takes ENOENT of a store as "there is none"', async () => {
      const store = new session.MemoryStore()
      const one = visitor(await open({ store }))
      await one.get()
      store.get = (_, callback) => callback(Object.assign(new Error('no file'), { code: 'ENOENT' }))
      expect((await one.get()).text).toBe('1')
    })

    it('begins anew, under another cookie, when the store has lost it', async () => {
      const store = new session.MemoryStore()
      const one = visitor(await open({ store }))
      await one.get()
      const before = one.jar.get('connect.sid')
      store.clear()
      expect((await one.get()).text).toBe('1')
      expect(one.jar.get('connect.sid')).not.toBe(before)
    })

    it('begins anew, and asks no store, when the cookie was tampered with', async () => {
      const store = countingStore(session)
      const one = visitor(await open({ store, resave: false }))
      await one.get()
      store.calls.length = 0
      const value = String(one.jar.get('connect.sid'))
      one.jar.set('connect.sid', value.replace(/...\./, '.'))
      expect((await one.get()).text).toBe('1')
      expect(store.calls).toEqual(['set'])
    })

    it('begins anew when the session has expired', async () => {
      const advance = stopClock()
      const store = new session.MemoryStore()
      const one = visitor(await open({ store, cookie: { maxAge: 5 } }))
      await one.get()
      advance(6)
      expect((await one.get()).text).toBe('1')
    })
  })

  describe('as an object', () => {
    it('has the data and the cookie as its only enumerable properties', async () => {
      const url = await open({}, ({ session: bag }, response) => {
        Object.assign(bag, { a: 1, b: 2 })
        const seen: string[] = []
        for (const key in bag) seen.push(key)
        response.end(`${Object.keys(bag).sort()} ${seen.sort()}`)
      })
      expect((await visitor(url).get()).text).toBe('a,b,cookie a,b,cookie')
    })

    it('has methods that nothing in the store can replace', async () => {
      const store = new session.MemoryStore()
      const one = visitor(
        await open({ store }, ({ session: bag }, response) => {
          bag.hits = Number(bag.hits ?? 0) + 1
          response.end(`${typeof bag.save} ${bag.id}`)
        }),
      )
      const id = (await one.get()).text.split(' ')[1] ?? ''
      store.sessions[id] = JSON.stringify({ ...JSON.parse(store.sessions[id] ?? ''), save: 'no' })
      expect((await one.get()).text).toBe(`function ${id}`)
    })

    it('is not saved under an id that is no text', async () => {
      const store = new session.MemoryStore()
      const url = await open({ store }, (request, response) => {
        request.sessionID = (() => {}) as never
        request.session.a = 1
        response.end()
      })
      expect((await visitor(url).get()).cookies).toEqual([])
      expect(store.sessions).toEqual({})
    })

    it('is not there while the store is disconnected, and is again when it is connected', async () => {
      const store = new session.MemoryStore()
      const one = visitor(
        await open({ store }, (request, response) => response.end(typeof request.session)),
      )
      store.emit('disconnect')
      expect((await one.get()).text).toBe('undefined')
      store.emit('connect')
      expect((await one.get()).text).toBe('object')
    })
  })

  describe('refuses', () => {
    it.each([
      [{ genid: 'bogus' }, /genid.*must/],
      [{ unset: 'bogus' }, /unset.*must/],
      [{ secret: [] }, /secret option array/],
    ])('%o', (options, message) => {
      expect(() => session(options as never)).toThrow(message)
    })
  })

  describe('signs', () => {
    it.each([
      'awesome cat',
      Buffer.alloc(32, 7),
      new DataView(new ArrayBuffer(40), 4, 32),
      createSecretKey(Buffer.alloc(32, 7)),
      ['keyboard cat', 'nyan cat'],
    ])('with %o', async (secret) => {
      const one = visitor(await open({ secret: secret as string }))
      await one.get()
      expect((await one.get()).text).toBe('2')
    })

    it('with the first of its secrets, and verifies with all', async () => {
      const store = new session.MemoryStore()
      const older = await open({ store, secret: 'nyan cat' })
      const newer = await open({ store, secret: ['keyboard cat', 'nyan cat'] })
      const one = visitor(older)
      await one.get()
      expect((await visitor(newer, one.jar).get()).text).toBe('2')
      const other = visitor(newer)
      await other.get()
      expect((await visitor(older, other.jar).get()).text).toBe('1')
    })
  })
})
