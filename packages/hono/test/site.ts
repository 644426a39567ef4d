import {
  createSessions,
  type Json,
  type Session,
  type SessionEvent,
  type Sessions,
  type SessionsOptions,
} from '@sojourn/core'
import {
  type Clock,
  delayed,
  recorded,
  type StoreMoment,
  type StoreVerb,
  clock as startClock,
} from '@sojourn/core/testing'
import { newStore } from '../../core/test/new-store.ts'

/** The sessions of an application under test, whose store, clock and events can be watched. */
export interface Site<Data extends object> {
  readonly sessions: Sessions<Data>
  readonly clock: Clock
  readonly events: SessionEvent[]
  /** Verbs at which the store fails. */
  readonly failing: Set<StoreVerb>
  /** Makes the store wait around its calls. */
  slow(delay: (moment: StoreMoment) => unknown): void
  /** The verbs that the store was asked since the last call, in order. */
  calls(): StoreVerb[]
  /** The session as whoever got this response has it. */
  after(response: Response): Promise<Session<Data>>
}

export const SECRET = 'a secret of the application, 32 bytes or more'

export function site<Data extends object = Record<string, Json>>(
  options: Partial<SessionsOptions> = {},
): Site<Data> {
  const clock = startClock()
  const events: SessionEvent[] = []
  const failing = new Set<StoreVerb>()
  let delay: (moment: StoreMoment) => unknown = () => {}
  const store = recorded(
    delayed(newStore({ clock }), async (moment) => {
      if (failing.has(moment.verb)) throw new Error(`no ${moment.verb} today`)
      await delay(moment)
    }),
  )
  const sessions = createSessions<Data>({
    store,
    secret: SECRET,
    clock,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  return {
    sessions,
    clock,
    events,
    failing,
    slow(wait) {
      delay = wait
    },
    calls: () => store.calls.splice(0).map(({ verb }) => verb),
    after: (response) =>
      sessions.open(new Request('https://app.test', withCookie(cookieOf(response)))),
  }
}

/** The session cookies that a response sets. */
export function sessionCookies(response: Response, name = '__Host-id'): string[] {
  return response.headers.getSetCookie().filter((line) => line.startsWith(`${name}=`))
}

/** The names of all cookies that a response sets, in order. */
export function cookieNames(response: Response): string[] {
  return response.headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')))
}

/** What a browser would send back after this response. */
export function cookieOf(response: Response, name?: string): string {
  return sessionCookies(response, name)[0]?.split(';')[0] ?? ''
}

/** Request headers with that cookie. */
export function withCookie(cookie: string): RequestInit {
  return { headers: { cookie } }
}

/** A response that is closed to changes of its headers, as a fetched one is. */
export function fetched(body: BodyInit | null, init?: ResponseInit): Response {
  const response = new Response(body, init)
  for (const change of ['append', 'delete', 'set']) {
    Object.defineProperty(response.headers, change, {
      value: () => {
        throw new TypeError('immutable')
      },
    })
  }
  return response
}
