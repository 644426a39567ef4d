import { createSessions, type Session, type SessionEvent, type Store } from '@sojourn/core'
import type { Clock } from '@sojourn/core/testing'
import { describe, expect, it } from 'vitest'
import { processes } from './processes.ts'

interface Data {
  cart: string[]
  visits: number
}

/** One process of an application. */
function application(store: Store, clock: Clock) {
  const events: SessionEvent[] = []
  const secret = 'a secret of 32 bytes and not less'
  const sessions = createSessions<Data>({
    store,
    secret,
    clock,
    idleTimeout: 60,
    onEvent: (event) => void events.push(event),
  })
  const open = (cookie: string, authoritative = false) =>
    sessions.open(new Request('https://app.test/', { headers: { cookie } }), { authoritative })
  return {
    sessions,
    open,
    happened: () => events.splice(0).map(({ type }) => type),
    async visit(cookie: string, use: (session: Session<Data>) => unknown = () => {}) {
      const session = await open(cookie)
      await use(session)
      const response = await sessions.commit(session, new Response('ok'))
      return response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    },
  }
}

const signIn = (session: Session<Data>) => session.signIn('ada', { method: 'password' })

/** Two processes of one application, both of which have seen the session of `cookie`. */
async function seen(use: (session: Session<Data>) => unknown = signIn) {
  const at = processes({ staleFor: 10 })
  const [here, there] = [at.near, at.far].map((store) => application(store, at.clock)) as [
    ReturnType<typeof application>,
    ReturnType<typeof application>,
  ]
  const cookie = await here.visit('', use)
  await there.visit(cookie)
  at.calls()
  there.happened()
  return { ...at, here, there, cookie }
}

describe('a session that one process has ended', () => {
  const ways = {
    'signed out': ({ here, cookie }) => here.visit(cookie, (session) => session.revoke()),
    'revoked by its id': async ({ here, cookie }) => {
      const { id } = await here.open(cookie)
      await here.sessions.revoke(id ?? '')
    },
    'ended with all others of its subject': ({ here }) => here.sessions.revokeAll('ada'),
  } satisfies Record<string, (at: Awaited<ReturnType<typeof seen>>) => Promise<unknown>>

  it.each(Object.entries(ways))(
    'is over there at once and elsewhere within `staleFor`: %s',
    async (_, end) => {
      const at = await seen()
      await end(at)
      const { here, there, cookie, clock } = at
      expect((await here.open(cookie)).subject).toBeNull()
      clock.advance(9.999)
      expect((await there.open(cookie)).subject).toBe('ada')
      clock.advance(0.001)
      expect((await there.open(cookie)).subject).toBeNull()
    },
  )

  it('is over everywhere at once for an authoritative opening, and for what comes after it', async () => {
    const { here, there, cookie } = await seen()
    await here.sessions.revokeAll('ada')
    expect((await there.open(cookie)).subject).toBe('ada')
    expect((await there.open(cookie, true)).subject).toBeNull()
    expect((await there.open(cookie)).subject).toBeNull()
  })

  it('is not written into elsewhere', async () => {
    const { here, there, cookie, near } = await seen()
    const { id } = await here.open(cookie)
    await here.sessions.revokeAll('ada')
    await there.visit(cookie, (session) => session.set('cart', ['tea']))
    expect(there.happened()).toEqual(['lost-write'])
    expect(await near.read(id ?? '', { authoritative: true })).toBeNull()
  })
})

describe('a session that one process has changed', () => {
  it('opens elsewhere at once for the token that it was given', async () => {
    const { here, there, cookie, calls } = await seen((session) => session.set('cart', ['tea']))
    const after = await here.visit(cookie, signIn)
    expect(after).not.toBe(cookie)
    calls()
    const session = await there.open(after)
    expect([session.subject, session.get('cart')]).toEqual(['ada', ['tea']])
    expect(calls()).toEqual(['read'])
    await there.open(after)
    expect(calls()).toEqual([])
    // And the token from before is dead there too, from now on.
    expect((await there.open(cookie)).id).toBeNull()
  })

  it('is open elsewhere for the token from before for `staleFor` at most, and not to be written', async () => {
    const { here, there, cookie, clock } = await seen((session) => session.set('cart', ['tea']))
    await here.visit(cookie, signIn)
    clock.advance(9.999)
    const session = await there.open(cookie)
    expect([session.subject, session.get('cart')]).toEqual([null, ['tea']])
    session.set('cart', [])
    const response = await there.sessions.commit(session, new Response())
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(there.happened()).toEqual(['conflict', 'lost-write'])
    expect((await there.open(cookie)).id).toBeNull()
  })

  it('loses no change of either, however old the copies are', async () => {
    const { here, there, cookie } = await seen((session) => session.set('visits', 0))
    for (let round = 0; round < 20; round++) {
      for (const process of [here, there, there]) {
        await process.visit(cookie, (session) =>
          session.update('visits', (visits) => (visits ?? 0) + 1),
        )
      }
    }
    expect((await here.open(cookie, true)).get('visits')).toBe(60)
  })
})

describe('a timeout', () => {
  it('is exact, and no use of the session elsewhere is overlooked by it', async () => {
    const { here, there, cookie, clock } = await seen()
    clock.advance(55)
    await there.visit(cookie)
    clock.advance(1)
    await here.visit(cookie)
    // By its own copy the session would have ended 60 seconds after its last use here.
    clock.advance(53.999)
    expect((await there.open(cookie)).subject).toBe('ada')
    clock.advance(6.001)
    expect((await there.open(cookie)).subject).toBeNull()
    expect(there.happened()).toContain('expired')
  })

  it('costs one touch per tenth of it in each process', async () => {
    const { here, there, cookie, clock, calls } = await seen()
    const verbs: string[] = []
    for (let second = 0; second < 18; second++) {
      clock.advance(1)
      for (const process of [here, there]) await process.visit(cookie)
      verbs.push(...calls())
    }
    expect(verbs.filter((verb) => verb === 'touch').length).toBeLessThanOrEqual(6)
    expect(verbs.filter((verb) => verb === 'read').length).toBeLessThanOrEqual(4)
  })
})
