import { kvStore } from '@sojourn/cloudflare'
import { describe, expect, it } from 'vitest'
import { laggingKv } from './lagging-kv.ts'
import { fill, place, signIn } from './visits.ts'

/** Two places of one application; far away, KV lags a minute. */
function places() {
  const { near, far, clock } = laggingKv()
  return {
    near: place(kvStore({ namespace: near, clock }), clock),
    far: place(kvStore({ namespace: far, clock }), clock),
    clock,
  }
}

describe('where KV does not show a sign-in yet', () => {
  /** A session that both places have seen, signed in near by. */
  async function signedIn() {
    const at = places()
    const { cookie: anonymous } = await at.near.visit('', fill('tea'))
    await at.far.open(anonymous)
    const { cookie } = await at.near.visit(anonymous, signIn)
    at.far.events.splice(0)
    return { ...at, cookie }
  }

  it('the new token is believed: the session opens as it was, and nothing is rejected', async () => {
    const { far, cookie } = await signedIn()
    const session = await far.open(cookie)
    expect([session.get('cart'), session.subject]).toEqual([['tea'], null])
    expect(far.events).toEqual([])
  })

  it('what a request changes there is dropped and reported, and its response sets no cookie', async () => {
    const { far, cookie } = await signedIn()
    expect(await far.visit(cookie, fill('coffee'))).toMatchObject({ set: false })
    expect(far.events).toMatchObject([{ type: 'lost-write', reason: 'replaced' }])
  })

  it('the sign-in is there after a minute, and has lost nothing', async () => {
    const { far, clock, cookie } = await signedIn()
    await far.visit(cookie, fill('coffee'))
    clock.advance(60)
    const session = await far.open(cookie)
    expect([session.get('cart'), session.subject]).toEqual([['tea'], 'ada'])
  })

  it('a further sign-in there begins a session of its own', async () => {
    const { near, far, clock, cookie } = await signedIn()
    const { cookie: second } = await far.visit(cookie, signIn)
    clock.advance(60)
    for (const { open } of [near, far]) {
      expect([(await open(cookie)).subject, (await open(second)).subject]).toEqual(['ada', 'ada'])
    }
    expect(await near.sessions.list('ada')).toHaveLength(2)
  })
})

describe('where KV does not show yet that a token was replaced', () => {
  /** A token that both places have seen, and the one that replaced it near by. */
  async function replaced() {
    const at = places()
    const { cookie: old } = await at.near.visit('', signIn)
    await at.far.open(old)
    const { cookie: fresh } = await at.near.visit(old, (session) =>
      session.reauthenticate({ method: 'passkey' }),
    )
    return { ...at, old, fresh }
  }

  it('the old one is dead after a minute', async () => {
    const { near, far, clock, old, fresh } = await replaced()
    expect((await far.open(old)).subject).toBe('ada')
    clock.advance(60)
    for (const { open } of [near, far]) {
      expect([(await open(old)).subject, (await open(fresh)).subject]).toEqual([null, 'ada'])
    }
  })

  it('no writing with the old one makes it good again: the session is lost to both', async () => {
    const { near, far, clock, old, fresh } = await replaced()
    await far.visit(old, fill('stolen'))
    clock.advance(60)
    for (const { open } of [near, far]) {
      expect([(await open(old)).subject, (await open(fresh)).subject]).toEqual([null, null])
    }
  })

  it('a sign-in there with the new one does not bring back the old one', async () => {
    const { near, far, clock, old, fresh } = await replaced()
    const again = await far.visit(fresh, signIn)
    expect(again.cookie).not.toBe(old)
    clock.advance(60)
    for (const { open } of [near, far]) {
      expect([(await open(old)).subject, (await open(again.cookie)).subject]).toEqual([null, 'ada'])
    }
  })
})

describe('a session in KV', () => {
  it('that was just created is seen elsewhere at once, where nobody has asked for it before', async () => {
    const { near, far } = places()
    const { cookie } = await near.visit('', fill('tea'))
    expect((await far.open(cookie)).get('cart')).toEqual(['tea'])
  })
})
