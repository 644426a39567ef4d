import { memoryStore } from '@sojourn/core'
import { delayed } from '@sojourn/core/testing'
import { describe, expect, it } from 'vitest'
import { type Handle, modules, ours, secret, site, visitor } from './kit.ts'

const quiet = { secret, resave: false, saveUninitialized: false }

/** Lets so many requests of a kind meet before each writes. */
function meeting(of: number): () => Promise<void> {
  let come = 0
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    if (++come === of) open()
    return gate
  }
}

function shop(meet: () => Promise<void>): Handle {
  return async ({ session, url }, response) => {
    const [, verb, key = '', value] = (url ?? '').split('/')
    if (verb === 'set') {
      await meet()
      session[key] = value
    }
    if (verb === 'delete') {
      await meet()
      delete session[key]
    }
    if (verb === 'set-now') session[key] = value
    const { cookie: _, ...data } = session
    response.end(JSON.stringify(data))
  }
}

describe.each(modules)('two requests side by side, with $name', ({ session, isOriginal }) => {
  it(isOriginal ? 'lose what one of them set' : 'both keep what they set', async () => {
    const store = new session.MemoryStore()
    const url = await site(session({ ...quiet, store }), shop(meeting(2)))
    const one = visitor(url)
    await one.get('/set-now/theme/dark')
    await Promise.all([one.get('/set/cart/lamp'), one.get('/set/flash/saved')])
    const kept = JSON.parse((await one.get('/')).text)
    if (isOriginal) expect(Object.keys(kept)).toHaveLength(2)
    else expect(kept).toEqual({ theme: 'dark', cart: 'lamp', flash: 'saved' })
  })

  it(
    isOriginal ? 'bring back what one of them deleted' : 'keep away what one of them deleted',
    async () => {
      const store = new session.MemoryStore()
      let turn = 0
      let passed: () => void = () => {}
      const first = new Promise<void>((resolve) => {
        passed = resolve
      })
      // The one that deletes has answered before the other goes on.
      const url = await site(
        session({ ...quiet, store }),
        shop(() => (turn++ ? Promise.resolve() : first)),
      )
      const one = visitor(url)
      await one.get('/set-now/theme/dark')
      const slow = one.get('/set/cart/lamp')
      while (!turn) await new Promise((resolve) => setImmediate(resolve))
      await one.get('/delete/theme')
      passed()
      await slow
      const kept = JSON.parse((await one.get('/')).text)
      expect(kept).toEqual(isOriginal ? { theme: 'dark', cart: 'lamp' } : { cart: 'lamp' })
    },
  )

  it(
    isOriginal ? 'revive a session that one of them has ended' : 'leave a session ended',
    async () => {
      const store = new session.MemoryStore()
      let come: () => void = () => {}
      let go: () => void = () => {}
      const isThere = new Promise<void>((resolve) => {
        come = resolve
      })
      const mayGo = new Promise<void>((resolve) => {
        go = resolve
      })
      const url = await site(session({ ...quiet, store }), async (request, response) => {
        if (request.url === '/out') return request.session.destroy(() => response.end())
        if (request.url === '/slow') {
          come()
          await mayGo
        }
        request.session.hit = request.url
        return response.end()
      })
      const one = visitor(url)
      await one.get('/')
      const slow = visitor(url, new Map(one.jar)).get('/slow')
      await isThere
      await one.get('/out')
      go()
      await slow
      expect(Object.keys(store.sessions)).toHaveLength(isOriginal ? 1 : 0)
    },
  )
})

describe('many requests side by side, with the drop-in', () => {
  const stores = {
    'a connect-style store': () => new ours.MemoryStore(),
    'a store of ours, with delays': () => delayed(memoryStore()),
  }
  it.each(Object.entries(stores))('keep all that they set: %s', async (_, newStore) => {
    const meet = meeting(16)
    const url = await site(ours({ ...quiet, store: newStore() }), shop(meet))
    const one = visitor(url)
    await one.get('/set-now/theme/dark')
    await Promise.all(Array.from({ length: 16 }, (_, i) => one.get(`/set/key${i}/${i}`)))
    const kept = JSON.parse((await one.get('/')).text)
    expect(Object.keys(kept).sort()).toEqual(
      ['theme', ...Array.from({ length: 16 }, (_, i) => `key${i}`)].sort(),
    )
  })
})

describe('a request that lets the session live longer, beside one that changes something else', () => {
  it('both have their way', async () => {
    const meet = meeting(2)
    const store = new ours.MemoryStore()
    const options = { ...quiet, store, cookie: { maxAge: 60_000 } }
    const url = await site(ours(options), async ({ session, url }, response) => {
      if (url === '/remember' || url === '/set') await meet()
      if (url === '/remember') session.cookie.maxAge = 30 * 86_400_000
      else session.hit = url
      // The one that sets writes last.
      if (url === '/set') await remembered
      response.end(String(session.cookie.originalMaxAge))
    })
    const one = visitor(url)
    await one.get('/')
    let remembered: Promise<unknown> = Promise.resolve()
    const setting = visitor(url, new Map(one.jar)).get('/set')
    remembered = one.get('/remember')
    await Promise.all([setting, remembered])
    expect((await one.get('/')).text).toBe(String(30 * 86_400_000))
  })
})
