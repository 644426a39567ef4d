import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { connectStore, type SessionOptions } from '@sojourn/node/express-session'
import express from 'express'
import { describe, expect, it } from 'vitest'
import {
  type Bag,
  countingStore,
  type Handle,
  ours,
  type Req,
  secret,
  serve,
  site,
  theirs,
  type Visitor,
  visitor,
} from './kit.ts'

const quiet = { secret, resave: false, saveUninitialized: false, cookie: { maxAge: 600_000 } }
const later = 'another secret, which is the one of today'

const app: Handle = async (request, response) => {
  const { session, sessionID, url } = request
  const [, verb, value] = (url ?? '').split('/')
  if (verb === 'in') session.user = value
  if (verb === 'out') await session.destroy()
  if (verb === 'renew') {
    await request.session.regenerate()
    request.session.user = value
  }
  response.end(verb === 'id' ? sessionID : String(verb === 'out' ? 'out' : session.user))
}

const jarOf = (who: Visitor) => new Map(who.jar)

/** Somebody who is signed in at a site of express-session's, and its store, as both libraries see it. */
async function former() {
  const old = new theirs.MemoryStore() as InstanceType<typeof ours.MemoryStore>
  const store = new ours.MemoryStore()
  store.sessions = old.sessions
  const ada = visitor(await site(theirs({ ...quiet, store: old }), app))
  await ada.get('/in/ada')
  return { store, ada, oldId: (await ada.get('/id')).text }
}

describe('in an application that moves route by route', () => {
  it('a native route finds the session that the same request took over, and keeps it', async () => {
    const { store, ada } = await former()
    const name = 'connect.sid'
    const sessions = createSessions<{ user: string; n: number }>({
      store: connectStore(store),
      secret,
      cookie: { name, secure: false },
    })
    const web = nodeSessions(sessions)
    const url = await serve(
      express()
        .use(ours({ ...quiet, store }), web.middleware)
        .get('/native', async (request, response) => {
          const session = await web.open(request)
          session.update('n', (n = 0) => n + 1)
          response.send(`${session.get('user')} ${session.get('n')}`)
        })
        .get('/old', (request, response) => {
          const { user, n } = request.session as unknown as Bag & { n: number }
          response.send(`${user} ${n}`)
        }),
    )
    const moved = visitor(url, ada.jar)
    const first = await moved.get('/native')
    expect([first.text, first.cookies.length]).toEqual(['ada 1', 1])
    expect((await moved.get('/native')).text).toBe('ada 2')
    expect((await moved.get('/old')).text).toBe('ada 2')
  })
})

/** Somebody whom the stand-in has taken over on the store that was there, before another store is chosen. */
async function settled() {
  const { store, ada, oldId } = await former()
  const there = visitor(await site(ours({ ...quiet, store }), app), ada.jar)
  await there.get()
  return { store, ada: there, oldId }
}

describe('another store, when the stand-in is there already', () => {
  const moves: [string, Partial<SessionOptions>, object][] = [
    ['alone', {}, {}],
    ['and another name', { name: 'id' }, { name: 'connect.sid' }],
    ['and another secret', { secret: later }, { secret }],
    ['and both', { name: 'id', secret: later }, { name: 'connect.sid', secret }],
    ['and a secret beside', { name: 'id', secret: [later, secret] }, { name: 'connect.sid' }],
  ]

  it.each(moves)('signs nobody out: %s', async (_, options, previous) => {
    const { store, ada } = await settled()
    const other = memoryStore()
    const given = { ...quiet, ...options, store: other, previous: { store, ...previous } }
    const url = await site(ours(given), app)
    // A page asks for much at once.
    const jars = Array.from({ length: 6 }, () => jarOf(ada))
    const texts = await Promise.all(jars.map(async (jar) => (await visitor(url, jar).get()).text))
    expect(new Set(texts)).toEqual(new Set(['ada']))
    expect(store.sessions).toEqual({})
    const moved = visitor(url, jars[0])
    const id = (await moved.get('/id')).text
    expect(await other.read(id)).not.toBe(null)
    await moved.get('/in/eva')
    expect((await moved.get()).text).toBe('eva')
    await moved.get('/out')
    for (const jar of [...jars, jarOf(ada)]) {
      expect((await visitor(url, jar).get()).text).toBe('undefined')
    }
  })

  it.each(['/renew/eva', '/out'])('leaves no cookie of another name behind: %s', async (path) => {
    const { store, ada } = await former()
    const given = { ...quiet, name: 'id', store: memoryStore() }
    const moved = visitor(
      await site(ours({ ...given, previous: { store, name: 'connect.sid' } }), app),
      ada.jar,
    )
    expect((await moved.get(path)).status).toBe(200)
    expect([...moved.jar.keys()]).toEqual(path === '/out' ? [] : ['id'])
  })

  it('keeps the id, whom the session speaks for, and how often its token was replaced', async () => {
    const { store, ada } = await settled()
    const cookie = { name: 'connect.sid', secure: false }
    const web = nodeSessions(createSessions({ store: connectStore(store), secret, cookie }))
    const url = await serve(
      web.handler(async (request, response) => {
        const session = await web.open(request)
        session.signIn('ada', { method: 'password' })
        response.end()
      }),
    )
    const before = jarOf(ada)
    const native = visitor(url, ada.jar)
    await native.get()
    const other = memoryStore()
    const given = { ...quiet, name: 'id', store: other, previous: { store, name: 'connect.sid' } }
    const there = await site(ours(given), app)
    expect((await visitor(there, before).get()).text).toBe('undefined')
    const moved = visitor(there, native.jar)
    expect((await moved.get()).text).toBe('ada')
    const record = await other.read((await moved.get('/id')).text)
    expect(record).toMatchObject({ subject: 'ada', generation: 1 })
  })

  it('is asked for nothing that nobody has signed', async () => {
    const store = countingStore(ours)
    const url = await site(ours({ ...quiet, store: memoryStore(), previous: { store } }), app)
    const token = `${'x'.repeat(32)}.0.${'y'.repeat(43)}`
    await visitor(url, new Map([['connect.sid', token]])).get()
    expect(store.calls).toEqual([])
  })

  it('does not bring back what a request had read before it ended', async () => {
    const { store, ada } = await settled()
    const other = memoryStore()
    const url = await site(ours({ ...quiet, store: other, previous: { store } }), app)
    const { get } = store
    const read = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    store.get = (id, callback) => {
      store.get = get
      get.call(store, id, (error, found) => {
        read.resolve()
        go.promise.then(() => callback(error, found))
      })
    }
    const late = visitor(url, jarOf(ada)).get()
    await read.promise
    await visitor(url, jarOf(ada)).get('/out')
    go.resolve()
    expect((await late).text).toBe('undefined')
    expect((await visitor(url, jarOf(ada)).get()).text).toBe('undefined')
  })

  it('brings nothing back where the former could not be emptied', async () => {
    const { store, ada } = await settled()
    const url = await site(ours({ ...quiet, store: memoryStore(), previous: { store } }), app)
    const { destroy } = store
    store.destroy = (_, callback) => callback?.(new Error('down'))
    expect((await visitor(url, jarOf(ada)).get()).status).toBe(500)
    store.destroy = destroy
    const moved = visitor(url, jarOf(ada))
    expect((await moved.get()).text).toBe('ada')
    await moved.get('/out')
    expect((await visitor(url, jarOf(ada)).get()).text).toBe('undefined')
    expect(store.sessions).toEqual({})
  })
})

describe('an id of express-session that the application has kept', () => {
  type Store = Pick<InstanceType<typeof ours.MemoryStore>, 'destroy'>
  type Asked = Pick<InstanceType<typeof ours.MemoryStore>, 'get' | 'load'>
  const ways: [string, (store: Store, id: string) => Promise<unknown>][] = [
    ['a callback', (store, id) => new Promise((done) => store.destroy(id, done))],
    ['a promise', async (store, id) => store.destroy(id)],
  ]

  describe.each(ways)('destroyed by hand with %s', (_, destroy) => {
    it('ends the session that was taken over', async () => {
      const { store, ada, oldId } = await settled()
      await destroy(store, oldId)
      expect((await ada.get()).text).toBe('undefined')
      expect(store.sessions).toEqual({})
    })

    it('ends it in another store as well, through either', async () => {
      for (const through of ['former', 'view'] as const) {
        const { store, ada, oldId } = await former()
        let view: Store | undefined
        const given = { ...quiet, store: memoryStore(), previous: { store } }
        const url = await site(ours(given), (request: Req, response) => {
          view = request.sessionStore
          return app(request, response)
        })
        const moved = visitor(url, ada.jar)
        expect((await moved.get()).text).toBe('ada')
        await destroy(through === 'view' ? (view as Store) : store, oldId)
        expect((await moved.get()).text).toBe('undefined')
      }
    })
  })

  const finds: [string, (store: Asked, id: string) => Promise<unknown>][] = [
    [
      'get and a callback',
      (store, id) =>
        new Promise((resolve, reject) => {
          store.get(id, (error, found) => (error ? reject(error) : resolve(found)))
        }),
    ],
    ['get and a promise', async (store, id) => store.get(id, undefined as never)],
    [
      'load',
      (store, id) =>
        new Promise((resolve, reject) => {
          store.load(id, (error, found) => (error ? reject(error) : resolve(found)))
        }),
    ],
  ]

  it.each(finds)('finds the session that was taken over, by %s', async (_, find) => {
    const { store, ada, oldId } = await settled()
    expect(await find(store, oldId)).toMatchObject({ user: 'ada' })
    await ada.get('/out')
    expect((await find(store, oldId)) ?? null).toBe(null)
  })

  it.each(finds)('finds it in another store as well, through either, by %s', async (_, find) => {
    for (const through of ['former', 'view'] as const) {
      const { store, ada, oldId } = await former()
      let view: Asked | undefined
      const given = { ...quiet, store: memoryStore(), previous: { store } }
      const url = await site(ours(given), (request: Req, response) => {
        view = request.sessionStore
        return app(request, response)
      })
      await visitor(url).get('/in/eva')
      const asked = through === 'view' ? (view as Asked) : store
      expect(await find(asked, oldId)).toMatchObject({ user: 'ada' })
      const moved = visitor(url, ada.jar)
      await moved.get()
      expect(await find(asked, oldId)).toMatchObject({ user: 'ada' })
      expect(await find(asked, (await moved.get('/id')).text)).toMatchObject({ user: 'ada' })
      expect((await find(asked, 'nobody')) ?? null).toBe(null)
    }
  })

  it('is told as failed where it could not be, and may be tried again', async () => {
    const { store, ada, oldId } = await settled()
    const { get } = store
    store.get = (_, callback) => callback(new Error('down'))
    await expect(async () => store.destroy(oldId)).rejects.toThrow('down')
    store.get = get
    expect((await ada.get()).text).toBe('ada')
    await (store.destroy(oldId) as unknown as Promise<void>)
    expect((await ada.get()).text).toBe('undefined')
  })
})
