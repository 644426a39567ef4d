import type { Session } from '@sojourn/core'

/** What is kept in a session. What is not there is as the site has it for everybody. */
export interface SessionData {
  theme: 'light' | 'dark'
  text: 'large'
  /** Pieces to read later, the last one saved at the end. */
  later: readonly string[]
}

export type VisitorSession = Session<SessionData>
