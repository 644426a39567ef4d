import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { AnyStore, Deadlines, SessionEvent } from '@sojourn/core'
import { type MeteredOperation, metered } from '@sojourn/stores/metered'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Env, ShopSession } from './env.ts'

/** Where a session stood at one moment. */
export interface Standing {
  readonly id: string | null
  readonly subject: string | null
  readonly generation: number
  readonly persistent: boolean
  readonly deadlines: Deadlines | null
}

/** What the library did in one request. */
export interface Entry {
  readonly method: string
  readonly path: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Store operations and events, in the order in which they happened. */
  readonly steps: (MeteredOperation | SessionEvent)[]
  /** As the request found its session; `null`: it never asked. */
  before: Standing | null
  /** As the response leaves it. */
  after: Standing | null
  cookie: 'set' | 'removed' | null
}

/** What the panel shows: this request, and the visitor's last ones. */
export interface Log {
  readonly entry: Entry
  readonly earlier: readonly Entry[]
  readonly clock: () => number
}

/** Writes down what the library does, for the panel. The shop itself needs none of it. */
export interface Journal {
  /** The store, with every operation written down. */
  meter<S extends AnyStore>(store: S): S
  /** Writes down an event. */
  note(event: SessionEvent): void
  /** Begins and ends an entry: goes around the session's middleware, so that it sees the commit. */
  readonly record: MiddlewareHandler<Env>
  /** Looks at the session that the handlers get: goes inside the session's middleware. */
  readonly watch: MiddlewareHandler<Env>
}

const EARLIER = 3
const MOST_TRAILS = 1000
const LONGEST_PATH = 100

export function createJournal(clock: () => number): Journal {
  const running = new AsyncLocalStorage<Entry>()
  const sessions = new WeakMap<Entry, ShopSession>()
  // By a name that the demo gives the browser, since a session's id ends with the session.
  const trails = new Map<string, readonly Entry[]>()

  function keep(trail: string, entries: readonly Entry[]): void {
    trails.delete(trail)
    trails.set(trail, entries.slice(-EARLIER))
    for (const oldest of trails.keys()) {
      if (trails.size <= MOST_TRAILS) break
      trails.delete(oldest)
    }
  }

  return {
    meter: (store) => metered(store, (operation) => void running.getStore()?.steps.push(operation)),
    note: (event) => void running.getStore()?.steps.push(event),

    async record(c, next) {
      const entry = newEntry(c, clock())
      const trail = trailOf(c, trails)
      c.set('log', { entry, earlier: trails.get(trail) ?? [], clock })
      await running.run(entry, next)
      const session = sessions.get(entry)
      if (session) entry.after = standingOf(session)
      entry.cookie = cookieOf(c.res)
      if (trail) keep(trail, [...(trails.get(trail) ?? []), entry])
    },

    async watch(c, next) {
      const open = c.var.session
      c.set('session', async () => {
        const session = await open()
        const { entry } = c.var.log
        entry.before ??= standingOf(session)
        sessions.set(entry, session)
        return session
      })
      await next()
    },
  }
}

function newEntry({ req }: Context, at: number): Entry {
  const path = req.path.slice(0, LONGEST_PATH)
  return { method: req.method, path, at, steps: [], before: null, after: null, cookie: null }
}

// Who only looks gets no cookie, not even this one.
function trailOf(c: Context, known: ReadonlyMap<string, unknown>): string {
  const presented = getCookie(c, 'trail', 'host') ?? ''
  if (known.has(presented)) return presented
  if (c.req.method !== 'POST') return ''
  const trail = randomUUID()
  setCookie(c, 'trail', trail, { prefix: 'host', secure: true, httpOnly: true, sameSite: 'Lax' })
  return trail
}

function standingOf({ id, subject, generation, persistent, deadlines }: ShopSession): Standing {
  return { id, subject, generation, persistent, deadlines }
}

function cookieOf(response: Response): Entry['cookie'] {
  const cookie = response.headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-id='))
  if (!cookie) return null
  return cookie.startsWith('__Host-id=;') ? 'removed' : 'set'
}
