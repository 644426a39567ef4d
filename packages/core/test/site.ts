import {
  type AnyStore,
  type CommitOptions,
  createSessions,
  type Json,
  type Session,
  type SessionEvent,
  type Sessions,
  type SessionsOptions,
} from '../src/index.ts'
import { type Clock, recorded, clock as startClock } from '../src/testing/index.ts'
import { carrier } from './carrier.ts'
import { newStore } from './new-store.ts'

/** What one visit came to. */
export interface Visit {
  readonly response: Response
  /** The session cookies that the response set. */
  readonly setCookies: readonly string[]
  /** What the browser's jar holds for the session afterwards. */
  readonly cookie: string | null
}

export type Use<Data extends object> = (session: Session<Data>) => unknown

/** An application with one route, whose store, clock and events can be watched. */
export interface Site<Data extends object> {
  readonly sessions: Sessions<Data>
  /** The store itself, for another site to share. */
  readonly store: AnyStore
  readonly clock: Clock
  readonly events: SessionEvent[]
  /** The verbs that the store was asked since the last call, in order. */
  calls(): string[]
  /** How many sessions the store has, of all that this site ever named to it. */
  kept(): Promise<number>
  /** The types of the events since the last call. */
  happened(): string[]
  /** A request with this cookie, in which `use` has the session. */
  visit(cookie: string | null, use?: Use<Data>, response?: Response): Promise<Visit>
  /** A request that has opened its session and not yet committed it. */
  begin(cookie: string | null): Promise<Pending<Data>>
}

export interface Pending<Data extends object> {
  readonly session: Session<Data>
  commit(response?: Response, platform?: CommitOptions): Promise<Visit>
}

export const SECRET = 'a secret of the application, 32 bytes or more'

/** A request that presents a cookie. */
export function request(cookie: string | null): Request {
  return new Request('https://app.test/', { headers: cookie === null ? {} : { cookie } })
}

export type SiteOptions = Partial<SessionsOptions> & {
  readonly wrapStore?: (store: AnyStore) => AnyStore
}

export function site<Data extends object = Record<string, Json>>(
  options: SiteOptions = {},
): Site<Data> {
  const { wrapStore = (store) => store, ...rest } = options
  const clock = (rest.clock as Clock | undefined) ?? startClock()
  const kept = rest.store ?? newStore({ clock })
  const store = recorded(wrapStore(kept))
  const events: SessionEvent[] = []
  const sessions = createSessions<Data>({
    secret: SECRET,
    clock,
    onEvent: (event) => void events.push(event),
    ...rest,
    store,
  })

  const carry = carrier(sessions)
  async function begin(cookie: string | null): Promise<Pending<Data>> {
    const carried = await carry(request(cookie))
    return {
      session: carried.session,
      async commit(response = new Response('ok'), platform = {}) {
        const answer = await carried.commit(response, platform)
        const setCookies = answer.headers.getSetCookie()
        const [set] = setCookies
        const kept = set === undefined ? cookie : /Max-Age=0/.test(set) ? null : set.split(';')[0]
        return { response: answer, setCookies, cookie: kept ?? null }
      },
    }
  }
  async function has(id: string): Promise<boolean> {
    return (await kept.read(id)) !== null
  }
  let asked = 0
  let seen = 0
  return {
    sessions,
    store: kept,
    clock,
    events,
    calls() {
      const verbs = store.calls.slice(asked).map(({ verb }) => verb)
      asked = store.calls.length
      return verbs
    },
    async kept() {
      const ids = store.calls.flatMap(({ verb, id }) => (verb === 'list' || !id ? [] : [id]))
      return (await Promise.all([...new Set(ids)].map(has))).filter(Boolean).length
    },
    happened() {
      const types = events.slice(seen).map(({ type }) => type)
      seen = events.length
      return types
    },
    begin,
    async visit(cookie, use = () => {}, response) {
      const pending = await begin(cookie)
      await use(pending.session)
      return pending.commit(response)
    },
  }
}
