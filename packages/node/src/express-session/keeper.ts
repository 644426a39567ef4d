import {
  type AnyStore,
  type Session as CoreSession,
  createSessions,
  type Json,
  type JsonObject,
  SessionError,
  type SessionListener,
  type SessionRecord,
  type Sessions,
  type Transport,
} from '@sojourn/core'
import { isCookie, type WrappedStore } from './connect-store.ts'
import type { Cookie } from './cookie.ts'
import { type DraftStore, draftStore } from './draft-store.ts'
import { type Idle, idleBy, type PersistentTimeouts } from './idle.ts'
import { cookieFrom } from './kept-cookie.ts'
import { createMint, type Mint } from './mint.ts'

export type Data = Record<string, Json>
export type Opened = CoreSession<Data>

const TOKEN = 'token'

// The core ends no session of ours by itself: each has a timeout of its own, in its cookie. A hundred years.
const FOREVER = 100 * 365 * 86_400

/** What one application's sessions are kept with. */
export interface KeeperOptions {
  readonly store: AnyStore | WrappedStore
  readonly keys: readonly Uint8Array[]
  readonly name: string
  readonly idleTimeout?: number | undefined
  readonly absoluteTimeout?: number | undefined
  readonly persistent?: PersistentTimeouts | undefined
  readonly onEvent?: SessionListener | undefined
  /** Ends what is left of a session in the store that it was in before. */
  endFormer(id: string): Promise<void>
}

/** What a commit told: a token to keep, `null` to take it away, `undefined` nothing. */
export type Told = string | null | undefined

type Happened =
  | { readonly type: 'created' | 'touched'; readonly id: string }
  | {
      readonly type: 'expired'
      readonly id: string
      readonly subject: string | null
      readonly timeout: 'idle'
    }

/** The core's sessions, by token instead of by request. */
export class Keeper {
  readonly #sessions: Sessions<Data>
  readonly #store: DraftStore
  readonly #options: KeeperOptions
  readonly idle: Idle
  /** One for each secret, the newest first. */
  readonly mints: readonly [Mint, ...Mint[]]

  constructor(options: KeeperOptions) {
    const { name, keys, store, absoluteTimeout = FOREVER, persistent, onEvent } = options
    const purpose = `cookie/${name}`
    const transport: Transport = {
      purpose,
      vary: 'Cookie',
      read: ({ headers }) => [headers.get(TOKEN) ?? ''],
      write: (headers, token) => headers.set(TOKEN, token ?? ''),
    }
    this.#options = options
    this.mints = keys.map((key) => createMint(key, purpose)) as [Mint, ...Mint[]]
    this.idle = idleBy(options.idleTimeout, persistent)
    const { atMost } = this.idle
    // A connect-style store goes by the cookie, where a record has one.
    const goesByCookie = ({ data: { cookie } }: SessionRecord): boolean =>
      'put' in store && isCookie(cookie)
    this.#store = draftStore(
      store,
      (record) => (goesByCookie(record) ? 0 : atMost(record)),
      options.endFormer,
    )
    this.#sessions = createSessions<Data>({
      store: this.#store,
      secret: keys,
      transport,
      absoluteTimeout,
      idleTimeout: FOREVER,
      persistent: {
        idleTimeout: FOREVER,
        absoluteTimeout: persistent?.absoluteTimeout ?? absoluteTimeout,
      },
      ...(onEvent && { onEvent }),
    })
  }

  /** Opens what a token opens. */
  open(token: string): Promise<Opened> {
    return this.#ask(() => this.#sessions.open({ headers: { get: () => token } }))
  }

  /** Begins a session whose token is known. To be followed by `commit` at once, and in any case by `forget`. */
  begin(id: string, token: string): Promise<Opened> {
    this.#store.draft(recordOf(id, {}, 0))
    return this.open(token)
  }

  /** Drops what was begun and not written. */
  forget(id: string): void {
    this.#store.forget(id)
  }

  async commit(session: Opened, begun?: string): Promise<Told> {
    const response = await this.#ask(() => this.#sessions.commit(session, new Response(null)))
    if (begun && session.id !== null) this.tell({ type: 'created', id: begun })
    const told = response.headers.get(TOKEN)
    return told === null ? undefined : told || null
  }

  /** Ends a session, opened or by its id. */
  async end(session: Opened | string): Promise<void> {
    await this.#ask<unknown>(() =>
      typeof session === 'string' ? this.#sessions.revoke(session) : session.revoke(),
    )
  }

  /** Keeps a whole session under an id; `false` where there is one. */
  async create(id: string, data: JsonObject, persistent: boolean): Promise<boolean> {
    const created = await this.adopt({ ...recordOf(id, data, 1), persistent })
    if (created) this.tell({ type: 'created', id })
    return created
  }

  /** Keeps a record as it is; `false` where there is one. */
  adopt(record: SessionRecord): Promise<boolean> {
    return this.#ask(async () => this.#store.create(record, 0))
  }

  remove(id: string): Promise<boolean> {
    return this.#ask(async () => this.#store.delete(id))
  }

  /** Removes what `adopt` has kept, and nothing that is elsewhere. */
  takeBack(id: string): Promise<boolean> {
    return this.#ask(async () => this.#options.store.delete(id))
  }

  /** The cookie of a session, the rest of its life counted from when it was last seen, where that is known. */
  cookieOf(session: Opened, lastSeenAt: number | null, defaults: () => Cookie): Cookie {
    const cookie = cookieFrom(session.get('cookie'), lastSeenAt) ?? defaults()
    if (session.persistent) this.idle.lengthen(cookie, defaults(), lastSeenAt ?? Date.now())
    return cookie
  }

  /** When a session was last seen; only where the store is ours. */
  lastSeenAt(session: Opened): number {
    return (session.deadlines?.idle ?? 0) - FOREVER * 1000
  }

  /** Ends a session that was not used for too long. */
  async endIfExpired(session: Opened, lastSeenAt: number, cookie: Cookie): Promise<boolean> {
    const { id, subject } = session
    if (id === null || Date.now() < lastSeenAt + this.idle.of(cookie)) return false
    this.tell({ type: 'expired', id, subject, timeout: 'idle' })
    // A store that lags may not know of later use.
    if (this.#store.consistency === 'strong') await this.remove(id)
    return true
  }

  /** Whether use is to be written down: once in a tenth of the time that it counts for. */
  isTouchDue(lastSeenAt: number, idle: number): boolean {
    const { leastTouchInterval = 0 } = this.#options.store
    return Date.now() - lastSeenAt >= Math.max(idle / 10, leastTouchInterval)
  }

  touch(id: string, idle: number): Promise<boolean> {
    const now = Date.now()
    return this.#ask(async () => this.#store.touch(id, now, now + idle * 1.1))
  }

  /** Tells the application what the core, which sees only writes and ends, does not. */
  tell(event: Happened): void {
    this.#options.onEvent?.({ at: Date.now(), subject: null, ...event })
  }

  // Who has a connect-style store knows its errors.
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const hidden = 'put' in this.#options.store && error instanceof SessionError && error.cause
      throw hidden || error
    }
  }
}

function recordOf(id: string, data: JsonObject, version: number): SessionRecord {
  const now = Date.now()
  return {
    id,
    format: 1,
    version,
    generation: 0,
    graceUntil: null,
    createdAt: now,
    startedAt: now,
    generatedAt: now,
    lastSeenAt: now,
    subject: null,
    authentications: [],
    persistent: false,
    device: null,
    data,
  }
}
