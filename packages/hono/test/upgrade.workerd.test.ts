import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { sessionCookies, site } from './site.ts'

// Only workerd has a Response that is an upgrade.
function upgrade(): Response {
  const { 0: webSocket } = new (Reflect.get(globalThis, 'WebSocketPair'))()
  return new Response(null, { status: 101, webSocket } as ResponseInit)
}

describe('a WebSocket upgrade', () => {
  it('carries the cookie on the 101 itself, and stays an upgrade [H17]', async () => {
    const { sessions } = site<{ visits: number }>()
    const app = new Hono().use(session(sessions)).get('/', async (c) => {
      ;(await c.var.session()).set('visits', 1)
      return upgrade()
    })
    const response = await app.request('/')
    expect(response.status).toBe(101)
    expect(sessionCookies(response)).toHaveLength(1)
    expect(Reflect.get(response, 'webSocket')).toBeTruthy()
  })

  it('with immutable headers is copied, socket and all [H12, H17]', async () => {
    const { sessions } = site<{ visits: number }>()
    const opened = await sessions.open(new Request('https://app.test/'))
    const response = upgrade()
    for (const verb of ['set', 'append', 'delete'] as const) {
      response.headers[verb] = () => {
        throw new TypeError('immutable')
      }
    }
    const answer = await sessions.commit(opened.set('visits', 1), response)
    expect(answer).not.toBe(response)
    expect(answer.status).toBe(101)
    expect(sessionCookies(answer)).toHaveLength(1)
    expect(Reflect.get(answer, 'webSocket')).toBeTruthy()
  })
})
