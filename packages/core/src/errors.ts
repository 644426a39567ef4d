/** What went wrong, for `switch (error.code)`. */
export type SessionErrorCode =
  /** A change was asked for after the response's head was settled. */
  | 'ERR_SESSION_COMMITTED'
  /** Other writers won every attempt; nothing of this request was written. */
  | 'ERR_SESSION_CONFLICT'
  /** The record was written by a newer version of this library; it was left as it is. */
  | 'ERR_SESSION_FORMAT'
  /** The store keeps no subject index, so it cannot list sessions. */
  | 'ERR_SESSION_INDEX'
  /** The store failed; `cause` says how, unless its answer was none. */
  | 'ERR_SESSION_STORE'
  /** The store did not answer within `storeTimeout`. */
  | 'ERR_SESSION_TIMEOUT'

/** A failure that is neither the client's nor, at construction, the programmer's: answer it with a 5xx. */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly code: SessionErrorCode

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
