import type { App } from './app.ts'
import type { Keeper } from './keeper.ts'
import type { Live } from './live.ts'
import { Session, type SessionRequest } from './session.ts'
import { warnOnce } from './warn.ts'

/** The session that a request has now. */
export interface Current {
  readonly live: Live | null
  /** Ends it, also in the store. */
  end(live: Live): Promise<void>
  /** Makes it `req.session`. */
  show(live: Live): void
}

/** Writes what is to be written when a response leaves. Gives the session that goes on. */
export async function settle(
  app: App,
  keeper: Keeper,
  { session, sessionID }: SessionRequest,
  current: Current,
): Promise<Live | null> {
  const { live } = current
  if (!live) return null
  if (!session) {
    if (app.unsetDestroys) await current.end(live)
    return null
  }
  adopt(current, live, session)
  if (typeof sessionID !== 'string') return null
  // The cookie's time begins again, also in what is written.
  live.session.touch()
  if (isToBeWritten(app, live)) return (await live.save()) ? live : null
  if (!live.stored) return null
  await live.release()
  if (!live.written) await touch(app, keeper, live)
  return live
}

// A store has made another of the same session, by `createSession`.
function adopt(current: Current, live: Live, session: unknown): void {
  if (session === live.session) return
  if (!(session instanceof Session && session.id === live.names.id)) {
    throw new TypeError('"req.session" was replaced by what is not the session of this request')
  }
  live.session = session
  current.show(live)
}

function isToBeWritten({ saveUninitialized, resave }: App, live: Live): boolean {
  if (live.fresh && !live.stored) return saveUninitialized || live.wanted || live.modified
  const { originalMaxAge } = live.session.cookie
  return live.changed || (resave && originalMaxAge !== null && !live.written)
}

async function touch(app: App, keeper: Keeper, live: Live): Promise<void> {
  const { id } = live.names
  const { cookie } = live.session
  const idle = keeper.idle.of(cookie)
  // A connect-style store is written again where that is asked for: it may not touch, or be told to take no touches.
  const isDue = live.lastSeenAt === null ? app.resave : keeper.isTouchDue(live.lastSeenAt, idle)
  let touched = false
  try {
    if (app.touch && !app.resave) touched = await app.touch(id, cookie)
    else if (isDue) touched = await keeper.touch(id, idle)
  } catch (error) {
    // The session lives on until its deadline, and the next request may move that.
    warnOnce('TOUCH', `The store failed to touch a session: ${String(error)}`)
  }
  if (touched) keeper.tell({ type: 'touched', id })
}
