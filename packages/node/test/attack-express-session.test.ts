import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { memoryStore } from '@sojourn/core'
import { describe, expect, it } from 'vitest'
import {
  type Handle,
  modules,
  ours,
  type Req,
  secret,
  site,
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
