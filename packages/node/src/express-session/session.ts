import type { ConnectStore, Done, StoredSession } from './connect.ts'
import { Cookie } from './cookie.ts'

/** A request as a session knows it. */
export interface SessionRequest {
  sessionID?: string
  sessionStore?: SessionStore
  session?: unknown
}

interface SessionStore extends ConnectStore {
  createSession?(request: SessionRequest, stored: StoredSession): unknown
  regenerate?(request: SessionRequest, done: Done): unknown
}

/** What stands behind a session that belongs to a request. */
export interface Behind {
  readonly id: string
  save(): Promise<void>
  reload(): Promise<void>
  destroy(): Promise<void>
  regenerate(): Promise<void>
}

/** Application's keys: declare yours by merging into this interface. */
export interface SessionData {
  cookie: Cookie
}

// A property, which is also found through a proxy and by what inherits from a session.
const BEHIND = Symbol('behind')

function behind(session: Session): Behind | undefined {
  return (session as { [BEHIND]?: Behind })[BEHIND]
}

/** Ties a session to its request. */
export function stand(session: Session, by: Behind): Session {
  return Object.defineProperty(session, BEHIND, { value: by, configurable: true })
}

/** Saves a session of a request that is given to its store by hand; `false`: it is none. */
export function saveByHand(id: string, session: object, done?: Done): boolean {
  if (!(session instanceof Session) || behind(session)?.id !== id) return false
  if (done) session.save(done)
  else session.save()
  return true
}

/** The data of a session, as properties: `req.session`. */
export class Session {
  declare readonly req: SessionRequest
  declare cookie: Cookie

  constructor(req: SessionRequest, data?: object | null) {
    Object.defineProperty(this, 'req', { value: req })
    // What is called like a method is not data.
    for (const [key, value] of Object.entries(data ?? {})) {
      if (!(key in this)) Object.assign(this, { [key]: value })
    }
  }

  /** The public name: safe to log, and to find the session in the store by. */
  get id(): string {
    return behind(this)?.id ?? this.req.sessionID ?? ''
  }

  /** Starts the time until the cookie expires again. */
  touch(): this {
    return this.resetMaxAge()
  }

  /** As `touch`. */
  resetMaxAge(): this {
    // What was copied from another session as JSON.
    if (!(this.cookie instanceof Cookie)) this.cookie = new Cookie(this.cookie)
    this.cookie.maxAge = this.cookie.originalMaxAge
    return this
  }

  /** Writes what changed, now. */
  save(done: Done): this
  save(): Promise<void>
  save(done?: Done): this | Promise<void> {
    return run(this, done, (by) => by.save())
  }

  /** Reads the session again, as a new `req.session`, without what this request has changed. */
  reload(done: Done): this
  reload(): Promise<void>
  reload(done?: Done): this | Promise<void> {
    return run(this, done, (by) => by.reload())
  }

  /** Ends the session. There is no `req.session` afterwards. */
  destroy(done: Done): this
  destroy(): Promise<void>
  destroy(done?: Done): this | Promise<void> {
    return run(this, done, (by) => by.destroy())
  }

  /** Ends the session and begins an empty one under another id. Do it when somebody signs in. */
  regenerate(done: Done): this
  regenerate(): Promise<void>
  regenerate(done?: Done): this | Promise<void> {
    return run(this, done, (by) => by.regenerate())
  }
}

function run<T extends Session>(
  session: T,
  done: Done | undefined,
  work: (by: Behind) => Promise<void>,
): T | Promise<void> {
  const promise = work(behind(session) ?? ofStore(session))
  if (done) {
    promise.then(
      () => process.nextTick(done),
      (error) => process.nextTick(done, error),
    )
    return session
  }
  // Who does not wait for it, as express-session let them, is not brought down by it.
  promise.catch(() => {})
  return promise
}

// A session that a store made, as `store.load` does.
function ofStore(session: Session): Behind {
  const { req } = session
  const { sessionStore: store, sessionID: id = '' } = req
  if (!store) throw new TypeError('The session has no store')
  const ask = (work: (done: Done) => unknown): Promise<void> =>
    new Promise((resolve, reject) => {
      work((error) => (error ? reject(error) : resolve()))
    })
  return {
    id,
    save: () => ask((done) => store.set(id, session as unknown as StoredSession, done)),
    destroy: () => ask((done) => store.destroy(id, done)),
    regenerate: () => ask((done) => store.regenerate?.(req, done)),
    reload: () =>
      ask((done) =>
        store.get(id, (error, stored) => {
          if (!error && stored) store.createSession?.(req, stored as StoredSession)
          done(error ?? (stored ? undefined : new Error('failed to load session')))
        }),
      ),
  }
}
