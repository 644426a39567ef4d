/**
 * Sessions for anything that speaks `Request` and `Response`.
 *
 * @module
 */
export type { SessionsOptions } from './configure.ts'
export { type CookieOptions, cookieTransport } from './cookie.ts'
export { SessionError, type SessionErrorCode } from './errors.ts'
export type {
  SessionEvent,
  SessionEventDetails,
  SessionListener,
  StoreOperation,
} from './events.ts'
export type { DeepReadonly, Json, JsonObject } from './json.ts'
export type { Secret } from './keyring.ts'
export type { Deadlines } from './lifetime.ts'
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export type { Awaitable, CryptoProvider } from './provider.ts'
export type { Authentication, SessionRecord } from './record.ts'
export type { Session, SignInOptions } from './session.ts'
export {
  type CommitOptions,
  createSessions,
  type Sessions,
  type WrappedHandler,
} from './sessions.ts'
export type {
  AnyStore,
  EphemeralStore,
  ReadOptions,
  Store,
  SubjectIndex,
  SubjectPage,
  Sweeper,
} from './store.ts'
export type { SessionInfo } from './subjects.ts'
export type { RequestLike, Transport } from './transport.ts'
