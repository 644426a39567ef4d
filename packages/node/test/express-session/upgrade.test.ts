import { createHmac } from 'node:crypto'
import { memoryStore } from '@sojourn/core'
import type { SessionOptions } from '@sojourn/node/express-session'
import { describe, expect, it } from 'vitest'
import {
  type Handle,
  type Middleware,
  ours,
  secret,
  site,
  stopClock,
  theirs,
  type Visitor,
  visitor,
} from './kit.ts'

const quiet = { secret, resave: false, saveUninitialized: false, cookie: { maxAge: 600_000 } }

const app: Handle = async ({ session, url }, response) => {
  const [, verb, key = '', value] = (url ?? '').split('/')
  if (verb === 'set') session[key] = value
  if (verb === 'out') await session.destroy()
  if (verb === 'renew') await session.regenerate()
  const { cookie: _, ...data } = verb === 'out' ? { cookie: null } : session
  response.end(JSON.stringify(data))
}

type Kept = InstanceType<typeof ours.MemoryStore>

/** What the same back end is to each of the two libraries. */
function backEnd() {
  const old = new theirs.MemoryStore() as Kept
  const store = new ours.MemoryStore()
  store.sessions = old.sessions
  return { old, store }
}

interface Move {
  readonly old: Kept
  readonly store: Kept
  /** Somebody who was signed in when express-session was here. */
  readonly person: Visitor
  /** The cookie from then. */
  readonly before: Map<string, string>
  /** The site after the move, for someone with these cookies. */
  readonly as: (jar: Map<string, string>) => Visitor
}

async function move(
  options: Partial<SessionOptions> = {},
  wrap: (middleware: Middleware) => Middleware = (middleware) => middleware,
): Promise<Move> {
  const { old, store } = backEnd()
  const former = visitor(await site(theirs({ ...quiet, store: old }), app))
  await former.get('/set/user/ada')
  const url = await site(wrap(ours({ ...quiet, store, ...options })), app)
  const as = (jar: Map<string, string>) => visitor(url, jar)
  const before = new Map(former.jar)
  return { old, store, person: as(new Map(before)), before, as }
}

const signed = (id: string, by = secret): string =>
  encodeURIComponent(
    `s:${id}.${createHmac('sha256', by).update(id).digest('base64').replace(/=+$/, '')}`,
  )
const jarOf = (value: string) => new Map([['connect.sid', value]])
const user = async (who: Visitor) => JSON.parse((await who.get()).text).user

describe('a session of express-session', () => {
  it('gets a cookie as the application sets it today, for as long as the old one had to live', async () => {
    const { old, before } = await move()
    const secured = await site(
      ours({
        ...quiet,
        store: memoryStore(),
        name: '__Host-id',
        cookie: { secure: true, sameSite: 'strict', maxAge: 1000 },
        previous: { store: old, name: 'connect.sid' },
        proxy: true,
      }),
      app,
    )
    const cookie = [...before].map((pair) => pair.join('=')).join('; ')
    const headers = { cookie, 'x-forwarded-proto': 'https' }
    const lines = (await fetch(secured, { headers })).headers.getSetCookie()
    const line = lines.find((one) => one.startsWith('__Host-id=')) ?? ''
    expect(line).toMatch(/; Secure/)
    expect(line).toMatch(/; SameSite=Strict/)
    const expires = Date.parse(/Expires=([^;]+)/.exec(line)?.[1] ?? '')
    expect(expires - Date.now()).toBeGreaterThan(500_000)
    expect(lines.find((one) => one.startsWith('connect.sid=;'))).toBeDefined()
  })

  it('is still there after the move, under a token of ours', async () => {
    const events: string[] = []
    const { person, store } = await move({ onEvent: ({ type }) => void events.push(type) })
    const { text, cookies } = await person.get()
    expect(text).toBe('{"user":"ada"}')
    expect(cookies).toEqual([expect.stringMatching(/^connect\.sid=[\w-]{32}\.0\.[\w-]{43}; /)])
    expect(await user(person)).toBe('ada')
    expect(Object.keys(store.sessions)).toHaveLength(1)
    expect(events).toEqual(['created', 'touched'])
  })

  it('is found in a store of its own, under a name of its own, signed by a secret of its own', async () => {
    const { old } = backEnd()
    const former = visitor(
      await site(theirs({ ...quiet, store: old, name: 'sid', secret: 'keyboard cat' }), app),
    )
    await former.get('/set/user/ada')
    const previous = { store: old, name: 'sid', secret: ['nyan cat', 'keyboard cat'] }
    const url = await site(ours({ ...quiet, store: memoryStore(), name: 'id', previous }), app)
    const person = visitor(url, former.jar)
    expect((await person.get()).cookies.map((line) => line.split('=')[0])).toEqual(['id', 'sid'])
    expect([...person.jar.keys()]).toEqual(['id'])
    expect(await user(person)).toBe('ada')
    expect(old.sessions).toEqual({})
  })

  it('keeps what its own cookie said', async () => {
    const { old, store } = backEnd()
    const former = visitor(
      await site(theirs({ ...quiet, store: old }), ({ session }, response) => {
        session.user = 'ada'
        session.cookie.maxAge = 86_400_000
        session.cookie.sameSite = 'strict'
        response.end()
      }),
    )
    await former.get()
    const person = visitor(await site(ours({ ...quiet, store }), app), former.jar)
    const { cookies } = await person.get()
    expect(cookies[0]).toMatch(/SameSite=Strict/)
    const expires = Date.parse(/Expires=([^;]+)/.exec(cookies[0] ?? '')?.[1] ?? '')
    expect(expires - Date.now()).toBeGreaterThan(86_000_000)
  })

  it('is known as remembered where its cookie lived longer than is usual', async () => {
    for (const [maxAge, persistent] of [
      [600_000, false],
      [864_000_000, true],
    ] as const) {
      const { old } = backEnd()
      const former = visitor(
        await site(theirs({ ...quiet, store: old }), ({ session }, response) => {
          session.user = 'ada'
          session.cookie.maxAge = maxAge
          response.end()
        }),
      )
      await former.get()
      const store = memoryStore()
      let id = ''
      const given = { ...quiet, store, previous: { store: old } }
      const url = await site(ours(given), ({ sessionID }, response) => {
        id = sessionID
        response.end()
      })
      await visitor(url, former.jar).get()
      expect(await store.read(id)).toMatchObject({ persistent })
    }
  })

  it('becomes one session, however many requests come at once', async () => {
    const { as, before, store } = await move()
    const visitors = Array.from({ length: 12 }, () => as(new Map(before)))
    const users = await Promise.all(visitors.map(user))
    expect(new Set(users)).toEqual(new Set(['ada']))
    expect(new Set(visitors.map(({ jar }) => jar.get('connect.sid'))).size).toBe(1)
    expect(Object.keys(store.sessions)).toHaveLength(1)
  })

  it('loses nothing that the first requests after the move set side by side', async () => {
    const { as, before, person } = await move()
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => as(new Map(before)).get(`/set/key${i}/x`)),
    )
    expect(Object.keys(JSON.parse((await person.get()).text))).toHaveLength(9)
  })

  it('waits for a client that never saw the answer', async () => {
    const advance = stopClock()
    const { as, before } = await move()
    await as(new Map(before)).get()
    advance(400_000)
    expect(await user(as(new Map(before)))).toBe('ada')
  })

  it('is not opened by the old cookie once the client has come with the new one, but for the requests under way', async () => {
    const advance = stopClock()
    const { as, before, person } = await move()
    await person.get()
    await person.get()
    expect(await user(as(new Map(before)))).toBe('ada')
    advance(30_001)
    expect(await user(as(new Map(before)))).toBe(undefined)
    expect(await user(person)).toBe('ada')
  })

  it.each(['out', 'renew'])('is not opened by the old cookie after it ended: %s', async (verb) => {
    const { as, before, person, store } = await move()
    await person.get(`/${verb}`)
    expect(await user(as(new Map(before)))).toBe(undefined)
    expect(Object.values(store.sessions).join()).not.toContain('ada')
  })

  it('is not brought back by a request that had read it before it ended', async () => {
    const { as, before, store } = await move()
    let isReading: () => void = () => {}
    const hasRead = new Promise<void>((resolve) => {
      isReading = resolve
    })
    let go: () => void = () => {}
    const mayGo = new Promise<void>((resolve) => {
      go = resolve
    })
    const get = store.get
    store.get = (id, callback) => {
      store.get = get
      get.call(store, id, (error, found) => {
        isReading()
        mayGo.then(() => callback(error, found))
      })
    }
    const late = user(as(new Map(before)))
    await hasRead
    await as(new Map(before)).get('/out')
    go()
    expect(await late).toBe(undefined)
    expect(store.sessions).toEqual({})
  })

  it('stays as it was where the store fails on the way, and is taken over by the next request', async () => {
    const { as, before, store } = await move()
    const { destroy } = store
    store.destroy = (_, callback) => callback?.(new Error('down'))
    const one = as(new Map(before))
    expect((await one.get()).status).toBe(500)
    store.destroy = destroy
    expect(await user(one)).toBe('ada')
    expect(Object.keys(store.sessions)).toHaveLength(1)
  })

  it('is left alone where "previous" is false', async () => {
    const { person, old } = await move({ previous: false })
    expect(await user(person)).toBe(undefined)
    expect(Object.keys(old.sessions)).toHaveLength(1)
  })
})

describe('nothing forged gets in', () => {
  it.each([
    ['without a signature', (id: string) => `s:${id}`],
    ['with an empty one', (id: string) => `s:${id}.`],
    ['with that of another secret', (id: string) => signed(id, 'another secret')],
    ['with that of another id', (id: string) => signed('other').replace('other', id)],
    ['with one cut short', (id: string) => signed(id).slice(0, -1)],
    ['as plain text', (id: string) => id],
    ['as what no decoder takes', (id: string) => `s%3A${id}%`],
  ])('an id of express-session %s', async (_, forge) => {
    const { as, old } = await move()
    const [id = ''] = Object.keys(old.sessions)
    expect(await user(as(jarOf(forge(id))))).toBe(undefined)
    expect(Object.keys(old.sessions)).toEqual([id])
  })

  it('is shown by the same with the true signature', async () => {
    const { as, old } = await move()
    const [id = ''] = Object.keys(old.sessions)
    expect(await user(as(jarOf(signed(id))))).toBe('ada')
  })

  // An id of ours is public, and a cookie parser may have signed whatever a visitor chose.
  it('the public id of a session of ours, properly signed', async () => {
    const { as, person, store } = await move()
    await person.get()
    const [id = ''] = Object.keys(store.sessions)
    expect(await user(as(jarOf(signed(id))))).toBe(undefined)
    expect(await user(person)).toBe('ada')
  })

  it('asks no store about what is not signed', async () => {
    const { as, store } = await move()
    let asked = 0
    store.get = () => {
      asked++
    }
    await as(jarOf('s%3Aanything.at-all')).get()
    expect(asked).toBe(0)
  })
})
