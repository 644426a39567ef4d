import { kvStore } from '@sojourn/cloudflare'
import { createSessions, type SessionEvent } from '@sojourn/core'
import { describe, expect, it } from 'vitest'
import { laggingKv } from './lagging-kv.ts'

describe('where KV does not show a sign-in yet', () => {
  function places() {
    const { near, far, clock } = laggingKv()
    const events: SessionEvent[] = []
    const site = (namespace: typeof near) =>
      createSessions<{ cart: string[] }>({
        store: kvStore({ namespace, clock }),
        secret: 'x'.repeat(32),
        clock,
        onEvent: (event) => void events.push(event),
      })
    return { near: site(near), far: site(far), clock, events }
  }

  /** A session that both places have seen, signed in near by. */
  async function signedIn() {
    const at = places()
    const visit = (cookie = '') => new Request('https://app.test/', { headers: { cookie } })
    const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''
    const first = await at.near.open(visit())
    const anonymous = cookieOf(await at.near.commit(first.set('cart', ['tea']), new Response('ok')))
    await at.far.open(visit(anonymous))
    const second = await at.near.open(visit(anonymous))
    second.signIn('ada', { method: 'password' })
    const cookie = cookieOf(await at.near.commit(second, new Response('ok')))
    at.events.splice(0)
    return { ...at, cookie, open: () => at.far.open(visit(cookie)) }
  }

  it('the new token is believed: the session opens as it was, and nothing is rejected', async () => {
    const { open, events } = await signedIn()
    const session = await open()
    expect([session.get('cart'), session.subject]).toEqual([['tea'], null])
    expect(events).toEqual([])
  })

  it('what a request changes there is dropped and reported, and its response sets no cookie', async () => {
    const { far, open, events } = await signedIn()
    const response = await far.commit((await open()).set('cart', ['coffee']), new Response('ok'))
    expect(response.headers.getSetCookie()).toEqual([])
    expect(events).toMatchObject([{ type: 'lost-write', reason: 'replaced' }])
  })

  it('the sign-in is there after a minute, and has lost nothing', async () => {
    const { far, open, clock } = await signedIn()
    await far.commit((await open()).set('cart', ['coffee']), new Response('ok'))
    clock.advance(60)
    const session = await open()
    expect([session.get('cart'), session.subject]).toEqual([['tea'], 'ada'])
  })
})
