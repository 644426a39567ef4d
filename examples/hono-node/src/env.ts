import type { Session } from '@sojourn/core'
import type { SessionVariables } from '@sojourn/hono'
import type { Cart } from './cart.ts'
import type { Log } from './journal.ts'

/** What the shop keeps in a session. */
export interface SessionData {
  cart: Cart
  /** What the session was signed in with, in the words of the account page. */
  device: string
}

export type ShopSession = Session<SessionData>

/** What the middleware adds to `c.var`. */
export interface Env {
  Variables: SessionVariables<SessionData> & { log: Log }
}
