import type { SessionError } from './errors.ts'

/** The store's verbs, as events and errors name them. */
export type StoreOperation = 'read' | 'create' | 'update' | 'touch' | 'delete' | 'list'

/** What each type of event tells beside what all of them do. */
export interface SessionEventDetails {
  /** A session was stored for the first time. */
  created: object
  /** The session was used and nothing of it changed, but for its idle deadline where that was due to move. */
  touched: object
  /** The session speaks for a subject from now on. */
  'signed-in': { readonly method: string; readonly generation: number }
  /** The application replaced the token. */
  regenerated: { readonly generation: number }
  /** The renewal timeout replaced the token. */
  renewed: { readonly generation: number }
  /** The session was ended on the server. */
  revoked: object
  /** The session was found to have ended by itself. */
  expired: { readonly timeout: 'idle' | 'absolute' }
  /**
   * A presented token opened nothing: not of our form, a MAC not ours, no such session any more, a record that could not be read. `unknown` is
   * usual where sessions end or are ended elsewhere, and comes with each request until the client gets another cookie.
   */
  rejected: { readonly reason: 'malformed' | 'forged' | 'unknown' | 'unreadable' }
  /**
   * A token that we did issue, and replaced `age` milliseconds ago, came back; when `settling`, after so short a time that an honest request
   * may have been under way with it.
   */
  replayed: { readonly generation: number; readonly age: number; readonly settling: boolean }
  /** Another request wrote meanwhile; this one's changes are laid over its. */
  conflict: { readonly attempt: number }
  /** What a request changed was dropped: meanwhile its session had `ended`, or its token was `replaced`. */
  'lost-write': { readonly reason: 'ended' | 'replaced' }
  /** A store call failed or took too long. */
  'store-failure': { readonly operation: StoreOperation; readonly error: SessionError }
}

/** What happened to a session (what OWASP asks to log). No event holds a token. */
export type SessionEvent = {
  [Type in keyof SessionEventDetails]: {
    readonly type: Type
    /** Epoch milliseconds. */
    readonly at: number
    /** The session's public id; `null` where the token proved nothing. */
    readonly id: string | null
    readonly subject: string | null
  } & SessionEventDetails[Type]
}[keyof SessionEventDetails]

/**
 * Called at once, in order, on the request's own path; what it throws fails the request.
 * A promise that it returns is not awaited.
 */
export type SessionListener = (event: SessionEvent) => void
