import { describe, expect, it } from 'vitest'
import { createSessions, memoryStore, type Session } from '../src/index.ts'
import { lagging } from './lagging-store.ts'
import { request, SECRET, site } from './site.ts'

interface Shop {
  cart: string[]
}

const buy = (session: Session<Shop>) => session.update('cart', (cart = []) => [...cart, 'tea'])

/** Two places of one shop: near by every write is seen at once; far away reads lag. */
function places(options: { knows?: boolean } = {}) {
  const near = site<Shop>()
  const { clock } = near
  const store = lagging(near.store, options)
  const far = site<Shop>({ store, clock })
  return { near, far, clock, store }
}

/** A visitor that both places have seen. */
async function visitor(options: { knows?: boolean } = {}) {
  const at = places(options)
  const cookie = (await at.near.visit(null, buy)).cookie ?? ''
  await at.far.visit(cookie)
  at.far.happened()
  at.far.calls()
  return { ...at, cookie }
}

describe('an authoritative opening', () => {
  it('sees a revocation that a plain one does not see yet', async () => {
    const { near, far, cookie } = await visitor()
    await near.visit(cookie, (session) => session.revoke())
    const plain = await far.sessions.open(request(cookie))
    expect(plain.get('cart')).toEqual(['tea'])
    const sure = await far.sessions.open(request(cookie), { authoritative: true })
    expect(sure.id).toBeNull()
    expect(far.happened()).toEqual(['rejected'])
  })

  it('makes of a wrapped handler’s session the same one for all, when it is the first', async () => {
    const { near, far, cookie } = await visitor()
    await near.visit(cookie, (session) => session.revoke())
    const handler = far.sessions.wrap(async (_, open) => {
      const session = await open({ authoritative: true })
      expect(await open()).toBe(session)
      expect(await open({ authoritative: true })).toBe(session)
      return new Response(session.id)
    })
    expect(await (await handler(request(cookie))).text()).toBe('')
  })

  it('that comes after a plain one is a TypeError in a wrapped handler, with any store', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const handler = sessions.wrap(async (_, open) => {
      await open()
      await expect(open({ authoritative: true })).rejects.toThrow(
        new TypeError('"authoritative" must come first'),
      )
      return new Response('ok')
    })
    expect((await handler(request(null))).status).toBe(200)
  })
})

describe('an opening that was plain', () => {
  it('is not made authoritative by a change of its options afterwards', async () => {
    const { sessions } = site()
    const options = { authoritative: false }
    const handler = sessions.wrap(async (_, open) => {
      await open(options)
      options.authoritative = true
      await expect(open(options)).rejects.toThrow(TypeError)
      return new Response('ok')
    })
    expect((await handler(request(null))).status).toBe(200)
  })
})

describe('a record that lags', () => {
  it('behind a sign-in is read again past the caches, and the newest is found', async () => {
    const { near, far, cookie } = await visitor()
    const signIn = (session: Session<Shop>) => session.signIn('ada', { method: 'test' })
    const signedIn = await near.visit(cookie, signIn)
    await far.visit(signedIn.cookie, ({ subject }) => expect(subject).toBe('ada'))
    expect(far.calls()).toEqual(['read', 'read'])
    expect(far.happened()).toEqual([])
  })

  it('behind a write loses no update: the newest is read before the second attempt', async () => {
    const { near, far, cookie } = await visitor()
    await near.visit(cookie, buy)
    await far.visit(cookie, buy)
    expect(far.calls()).toEqual(['read', 'update', 'read', 'update'])
    await near.visit(cookie, (session) =>
      expect(session.get('cart')).toEqual(['tea', 'tea', 'tea']),
    )
  })

  it('behind a use ends no session that is in use elsewhere', async () => {
    const { near, far, clock, cookie } = await visitor()
    clock.advance(20 * 60)
    await near.visit(cookie)
    clock.advance(15 * 60)
    await far.visit(cookie, (session) => expect(session.get('cart')).toEqual(['tea']))
    expect(far.happened()).toEqual(['touched'])
    expect(far.calls()).not.toContain('delete')
  })

  it('never makes a revocation miss its session: whose it is now counts', async () => {
    const { near, far, cookie } = await visitor()
    const { cookie: signedIn } = await near.visit(cookie, (session) =>
      session.signIn('ada', { method: 'test' }),
    )
    const { id } = await near.sessions.open(request(signedIn))
    expect(await far.sessions.revoke(id ?? '', { subject: 'ada' })).toBe(true)
    expect((await near.sessions.open(request(signedIn))).id).toBeNull()
  })
})

describe('a store that can only lag', () => {
  it('believes a token newer than its record for reading, and what is changed then is reported', async () => {
    const { near, far, cookie } = await visitor({ knows: false })
    const { cookie: signedIn } = await near.visit(cookie, (session) =>
      session.signIn('ada', { method: 'test' }),
    )
    const { setCookies } = await far.visit(signedIn, (session) => {
      expect([session.get('cart'), session.subject]).toEqual([['tea'], null])
      buy(session)
    })
    expect(setCookies).toEqual([])
    expect(far.happened()).toEqual(['lost-write'])
    await near.visit(signedIn, (session) => expect(session.get('cart')).toEqual(['tea']))
  })

  it('makes a sign-in on an old record a session of its own: no token that was replaced comes back', async () => {
    const { near, far, clock, store } = places({ knows: false })
    const signIn = (session: Session<Shop>) => session.signIn('ada', { method: 'test' })
    const first = await near.visit(null, signIn)
    await far.visit(first.cookie)
    const second = await near.visit(first.cookie, (session) => session.regenerate())
    const third = await far.visit(second.cookie, signIn)
    expect(third.cookie).not.toBe(first.cookie)
    clock.advance(60)
    store.catchUp()
    for (const { visit } of [near, far]) {
      await visit(first.cookie, ({ subject }) => expect(subject).toBeNull())
      await visit(third.cookie, ({ subject }) => expect(subject).toBe('ada'))
    }
  })

  it('judges a session to have expired and leaves it alone, since it may be in use elsewhere', async () => {
    const { near, far, clock, cookie } = await visitor({ knows: false })
    clock.advance(20 * 60)
    await near.visit(cookie)
    clock.advance(11 * 60)
    await far.visit(cookie, (session) => expect(session.id).toBeNull())
    expect(far.happened()).toEqual(['expired'])
    expect(far.calls()).not.toContain('delete')
    await near.visit(cookie, (session) => expect(session.get('cart')).toEqual(['tea']))
  })

  it('strong stores refuse a token newer than their record, as nothing they lost comes back by itself', async () => {
    const near = site<Shop>()
    const first = await near.visit(null, buy)
    const record = await near.store.read((await near.sessions.open(request(first.cookie))).id ?? '')
    const { cookie } = await near.visit(first.cookie, (session) => session.regenerate())
    const restored = memoryStore({ clock: near.clock })
    if (record) restored.create(record, near.clock() + 1e6)
    const sessions = createSessions<Shop>({ store: restored, secret: SECRET, clock: near.clock })
    expect((await sessions.open(request(cookie))).id).toBeNull()
  })
})
