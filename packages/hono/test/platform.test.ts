import { type SessionVariables, session } from '@sojourn/hono'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { cookieOf, sessionCookies, site, withCookie } from './site.ts'

type Data = { visits: number }
type Env = { Variables: SessionVariables<Data> }

/** An execution context that, like the real ones, knows whether it is `this`. */
class Platform {
  readonly #promises: Promise<unknown>[] = []
  readonly props = {}

  waitUntil(promise: Promise<unknown>): void {
    this.#promises.push(promise)
  }

  passThroughOnException(): void {}

  /** How many promises it was given, once all of them are done. */
  async settled(): Promise<number> {
    await Promise.all(this.#promises)
    return this.#promises.length
  }
}

async function shop() {
  const made = site<Data>()
  const app = new Hono<Env>()
    .use(session(made.sessions))
    .get('/', async (c) => c.json((await c.var.session()).get('visits') ?? 0))
    .post('/', async (c) => {
      ;(await c.var.session()).update('visits', (n = 0) => n + 1)
      return c.text('ok')
    })
  const cookie = cookieOf(await app.request('/', { method: 'POST' }))
  made.calls()
  return { ...made, app, cookie }
}

/** Whether a promise is settled once everything else that can happen has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const done = () => {
    settled = true
  }
  promise.then(done, done)
  await new Promise((resolve) => setTimeout(resolve, 5))
  return settled
}

describe('a touch', () => {
  it('is left to waitUntil, so that the response need not wait for it [H21]', async () => {
    const { app, clock, calls, slow, cookie } = await shop()
    const gate = Promise.withResolvers<void>()
    slow(({ verb }) => verb === 'touch' && gate.promise)
    const platform = new Platform()
    clock.advance(600)
    const response = await app.request('/', withCookie(cookie), {}, platform)
    expect(await response.json()).toBe(1)
    expect(calls()).toEqual(['read', 'touch'])
    expect(await isSettled(platform.settled())).toBe(false)
    gate.resolve()
    expect(await platform.settled()).toBe(1)

    clock.advance(1500)
    expect(await (await app.request('/', withCookie(cookie), {}, platform)).json()).toBe(1)
  })

  it('is waited for where there is no waitUntil [H21]', async () => {
    const { app, clock, calls, slow, cookie } = await shop()
    const gate = Promise.withResolvers<void>()
    slow(({ verb }) => verb === 'touch' && gate.promise)
    clock.advance(600)
    const response = Promise.resolve(app.request('/', withCookie(cookie)))
    expect(await isSettled(response)).toBe(false)
    expect(calls()).toEqual(['read', 'touch'])
    gate.resolve()
    expect(await (await response).json()).toBe(1)
  })

  it('that fails in waitUntil rejects nothing and is reported [I8, I9]', async () => {
    const { app, clock, failing, events, cookie } = await shop()
    failing.add('touch')
    const platform = new Platform()
    clock.advance(600)
    events.splice(0)
    const response = await app.request('/', withCookie(cookie), {}, platform)
    expect(response.status).toBe(200)
    expect(await platform.settled()).toBe(1)
    expect(events.map(({ type }) => type)).toEqual(['store-failure'])
  })

  it('comes once per tenth of the idle timeout: otherwise waitUntil gets nothing [D6]', async () => {
    const { app, clock, calls, cookie } = await shop()
    const platform = new Platform()
    clock.advance(179)
    await app.request('/', withCookie(cookie), {}, platform)
    expect(calls()).toEqual(['read'])
    expect(await platform.settled()).toBe(0)
    clock.advance(1)
    await app.request('/', withCookie(cookie), {}, platform)
    expect(calls()).toEqual(['read', 'touch'])
    expect(await platform.settled()).toBe(1)
  })
})

describe('everything else is in the store before the response leaves [H1]:', () => {
  it('a new session, with its cookie', async () => {
    const { app, slow } = await shop()
    const gate = Promise.withResolvers<void>()
    slow(({ verb }) => verb === 'create' && gate.promise)
    const platform = new Platform()
    const response = Promise.resolve(app.request('/', { method: 'POST' }, {}, platform))
    expect(await isSettled(response)).toBe(false)
    gate.resolve()
    expect(sessionCookies(await response)).toHaveLength(1)
    expect(await platform.settled()).toBe(0)
  })

  it('a change, which saves the touch that was due', async () => {
    const { app, clock, calls, slow, cookie } = await shop()
    const gate = Promise.withResolvers<void>()
    slow(({ verb }) => verb === 'update' && gate.promise)
    const platform = new Platform()
    clock.advance(600)
    const init = { method: 'POST', ...withCookie(cookie) }
    const response = Promise.resolve(app.request('/', init, {}, platform))
    expect(await isSettled(response)).toBe(false)
    gate.resolve()
    expect((await response).status).toBe(200)
    expect(calls()).toEqual(['read', 'update'])
    expect(await platform.settled()).toBe(0)
  })
})
