import { createSessions, memoryStore, type Session, type SessionEvent } from '@sojourn/core'
import { delayed, recorded, type StoreVerb, clock as startClock } from '@sojourn/core/testing'
import { type NodeSessions, nodeSessions } from '@sojourn/node'

export interface Data {
  visits: number
  left: string
  right: string
}

/** What the client may ask of a site beside its pages: time, faults, and what it saw. */
export interface Control {
  /** Seconds. */
  readonly advance?: number
  /** Verbs at which the store fails from now on. */
  readonly failing?: readonly StoreVerb[]
  /** Milliseconds that each call of the store takes from now on. */
  readonly delay?: number
}

/** What was seen since the last control. */
export interface Seen {
  readonly calls: readonly StoreVerb[]
  readonly events: readonly SessionEvent['type'][]
}

/** The application's sessions, and what the tests see and change of them. */
export interface Site {
  readonly web: NodeSessions<Data>
  control(control: Control): Seen
}

export function newSite(): Site {
  const clock = startClock()
  let events: SessionEvent['type'][] = []
  let failing: readonly StoreVerb[] = []
  let delay = 0
  const store = recorded(
    delayed(memoryStore({ clock }), async ({ when, verb }) => {
      if (when !== 'before') return
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay))
      if (failing.includes(verb)) throw new Error(`no ${verb} today`)
    }),
  )
  const sessions = createSessions<Data>({
    store,
    clock,
    secret: 'a secret of the application, 32 bytes or more',
    idleTimeout: 1000,
    absoluteTimeout: 10_000,
    renewalTimeout: 5000,
    onEvent: ({ type }) => void events.push(type),
  })
  return {
    web: nodeSessions(sessions, { onEvent: () => {} }),
    control(control) {
      if (control.advance) clock.advance(control.advance)
      failing = control.failing ?? failing
      delay = control.delay ?? delay
      const seen = { calls: store.calls.splice(0).map(({ verb }) => verb), events }
      events = []
      return seen
    },
  }
}

/** What a page answers with. */
export interface Page {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly text: string
}

const pages: Record<
  string,
  (session: Session<Data>, rest: string, site: Site) => Promise<Page> | Page
> = {
  read: (session, key) => ({ text: String(session.get(key as keyof Data) ?? '-') }),
  who: (session) => ({ text: `${session.subject} ${session.id} ${session.generation}` }),
  visit(session) {
    session.update('visits', (visits = 0) => visits + 1)
    return { text: String(session.get('visits')) }
  },
  set(session, key) {
    session.set(key as 'left', key)
    return { text: 'set' }
  },
  go(session, key) {
    session.set(key as 'left', key)
    return { status: 303, headers: { location: `/read/${key}` }, text: '' }
  },
  'sign-in'(session, subject) {
    session.signIn(subject, { method: 'password' })
    return { text: subject }
  },
  remember(session, subject) {
    session.signIn(subject, { method: 'password', persistent: true })
    return { text: subject }
  },
  async 'sign-out'(session) {
    await session.revoke()
    return { text: 'bye' }
  },
  regenerate(session) {
    session.regenerate()
    return { text: 'new' }
  },
  fail(session) {
    session.set('left', 'never')
    throw new Error('on purpose')
  },
  async 'revoke-and-fail'(session) {
    await session.revoke()
    throw new Error('on purpose')
  },
  async list(session, _, { web }) {
    const list = await web.sessions.list(session.subject ?? '')
    return { text: String(list.length) }
  },
  async others(session, _, { web }) {
    const count = await web.sessions.revokeAll(session.subject ?? '', { except: session.id })
    return { text: String(count) }
  },
}

/** The application, whatever it is served by: a page for each path. */
export async function pageFor(
  site: Site,
  path: string,
  open: () => Promise<Session<Data>>,
): Promise<Page> {
  if (path === '/untouched') return { text: 'ok' }
  const [, name = '', rest = ''] = path.split('/')
  const page = pages[name]
  if (!page) return { status: 404, text: 'no such page' }
  return page(await open(), rest, site)
}
