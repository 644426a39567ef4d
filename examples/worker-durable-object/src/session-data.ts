import type { Session, SessionInfo } from '@sojourn/core'

/** What is kept in a session. */
export interface SessionData {
  /** The train that a berth is held on: from before the sign-in, and kept by it. */
  train: string
  /** What the session was signed in with, in the words of the account page. */
  device: string
}

export type VisitorSession = Session<SessionData>
export type ListedSession = SessionInfo<SessionData>
