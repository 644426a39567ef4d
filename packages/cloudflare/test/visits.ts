import { createSessions, type Session, type SessionEvent, type Store } from '@sojourn/core'
import type { Clock } from '@sojourn/core/testing'

export interface Data {
  cart: string[]
}

export interface Visited {
  /** What the client presents from now on. */
  readonly cookie: string
  /** Whether the response set it. */
  readonly set: boolean
  readonly id: string | null
}

/** One place of an application, on a store. */
export function place(store: Store, clock: Clock) {
  const events: SessionEvent[] = []
  const sessions = createSessions<Data>({
    store,
    secret: 'a secret of 32 bytes and not less',
    clock,
    onEvent: (event) => void events.push(event),
  })
  const open = (cookie: string, authoritative = false): Promise<Session<Data>> =>
    sessions.open(new Request('https://app.test/', { headers: { cookie } }), { authoritative })
  return {
    sessions,
    events,
    open,
    async visit(cookie: string, use: (session: Session<Data>) => unknown): Promise<Visited> {
      const session = await open(cookie)
      await use(session)
      const response = await sessions.commit(session, new Response('ok'))
      const set = response.headers.get('set-cookie')?.split(';')[0]
      return { cookie: set ?? cookie, set: set !== undefined, id: session.id }
    },
  }
}

export const signIn = (session: Session<Data>): void =>
  session.signIn('ada', { method: 'password' })

export const fill =
  (...cart: string[]) =>
  (session: Session<Data>): unknown =>
    session.set('cart', cart)
