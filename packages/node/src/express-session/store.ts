import { EventEmitter } from 'node:events'
import { answerOf, type ConnectStore, type Done, getFrom, type StoredSession } from './connect.ts'
import { Cookie } from './cookie.ts'
import { Session, type SessionRequest } from './session.ts'

/** The base of connect-style stores: what a store gives beside `get`, `set` and `destroy`. */
export interface Store extends EventEmitter, ConnectStore {
  /** Begins a session for a request. The middleware puts it there. */
  generate(request: SessionRequest): void
  regenerate(request: SessionRequest, done: Done): void
  load(sid: string, done: Done<Session>): void
  createSession(request: SessionRequest, stored: StoredSession): Session
}

/** Can be extended, called on an older kind of object, and inherited from by `util.inherits`. */
export interface StoreConstructor {
  new (...options: unknown[]): Store
  call(target: object, ...options: unknown[]): void
  prototype: Store
}

// A function, since many a store calls it on itself as older code does, which a class refuses.
function StoreBase(this: EventEmitter): void {
  EventEmitter.call(this)
}

Object.setPrototypeOf(StoreBase, EventEmitter)
StoreBase.prototype = Object.create(EventEmitter.prototype, {
  constructor: { value: StoreBase, writable: true, configurable: true },
})

const methods: ThisType<Store> & Pick<Store, 'regenerate' | 'load' | 'createSession'> = {
  regenerate(request, done) {
    this.destroy(request.sessionID ?? '', (error) => {
      this.generate(request)
      done(error)
    })
  },
  load(sid, done) {
    getFrom(this, sid, answerOf).then(
      (stored) => {
        const request = { sessionID: sid, sessionStore: this }
        const session = stored ? this.createSession(request, stored) : undefined
        process.nextTick(done, null, session)
      },
      (error) => process.nextTick(done, error),
    )
  },
  createSession(request, stored) {
    const session = new Session(request, { ...stored, cookie: new Cookie(stored.cookie) })
    request.session = session
    return session
  },
}
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(StoreBase.prototype, name, { value, writable: true, configurable: true })
}

export const Store: StoreConstructor = StoreBase as unknown as StoreConstructor
