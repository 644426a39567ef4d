import { createSessions } from '@sojourn/core'
import { browser, storeContract } from '@sojourn/core/testing'
import { connectStore } from '@sojourn/node/express-session'
import { describe, expect, it } from 'vitest'
import { ours, secret } from './kit.ts'

describe('a connect-style store, wrapped', () => {
  // Its own clock is the real one, so it is not to drop what the contract's clock still knows.
  const cases = storeContract(({ clock }) => {
    const store = new ours.MemoryStore()
    const { get } = store
    store.get = function (id, callback) {
      const text = this.sessions[id]
      if (text === undefined) get.call(this, id, callback)
      else setImmediate(callback, null, JSON.parse(text))
    }
    return connectStore(store, { clock })
  })
  // Also the strong ones: it is `eventual` for what other processes do, and here is one process.
  for (const { name, run } of cases) it(name, run)

  it('keeps sessions of the core', async () => {
    const sessions = createSessions<{ cookie: string[]; theme: string }>({
      store: connectStore(new ours.MemoryStore()),
      secret,
    })
    const one = browser(
      sessions.wrap(async (request, open) => {
        const session = await open()
        if (request.method === 'POST') session.set('theme', 'dark').set('cookie', ['of mine'])
        return Response.json(session.data)
      }),
    )
    await one.post('/')
    expect(await (await one.get('/')).json()).toEqual({ theme: 'dark', cookie: ['of mine'] })
  })

  it.each([null, {}, { get() {}, set() {} }])('refuses what is none: %o', (store) => {
    expect(() => connectStore(store as never)).toThrow(/"store" must be a connect-style store/)
  })

  it('fails as the store does: by callback, by throwing, by a promise', async () => {
    const failures = [
      (_: string, callback: (error: Error) => void) => callback(new Error('down')),
      () => {
        throw new Error('down')
      },
      async () => {
        throw new Error('down')
      },
    ]
    for (const get of failures) {
      const store = Object.assign(new ours.MemoryStore(), { get })
      await expect(connectStore(store as never).read('x'.repeat(32))).rejects.toThrow('down')
    }
  })
})
