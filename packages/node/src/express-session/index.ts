/**
 * Stands in for express-session, on Sojourn's stores and tokens.
 *
 * @module
 */
import { Cookie } from './cookie.ts'
import { MemoryStore } from './memory-store.ts'
import { createMiddleware } from './middleware.ts'
import { Session } from './session.ts'
import { Store } from './store.ts'

export type { ConnectStore, StoredSession } from './connect.ts'
export { connectStore, type WrappedStore } from './connect-store.ts'
export type { CookieData, CookieOptions } from './cookie-options.ts'
export type { PersistentTimeouts } from './idle.ts'
export type { SessionMiddleware } from './middleware.ts'
export type { OptionsRequest, Previous, SessionOptions, SigningSecret } from './options.ts'
export type { SessionData } from './session.ts'
export { Cookie, MemoryStore, Session, Store }

/** What express-session's module is: the function, with its classes on it. */
const session: typeof createMiddleware & {
  readonly Cookie: typeof Cookie
  readonly MemoryStore: typeof MemoryStore
  readonly Session: typeof Session
  readonly Store: typeof Store
} = Object.assign(createMiddleware.bind(null), { Cookie, MemoryStore, Session, Store })

// `session.SessionOptions` and so on, as applications of express-session write its types.
// biome-ignore lint/style/noNamespace: express-session's own.
declare namespace session {
  export type Cookie = import('./cookie.ts').Cookie
  export type CookieOptions = import('./cookie-options.ts').CookieOptions
  export type MemoryStore = import('./memory-store.ts').MemoryStore
  export type Session = import('./session.ts').Session
  export type SessionData = import('./session.ts').SessionData
  export type SessionOptions = import('./options.ts').SessionOptions
  export type Store = import('./store.ts').Store
}

// What `require` gives.
export { session as 'module.exports' }
// biome-ignore lint/style/noDefaultExport: express-session's own, which an application's import names.
export default session
