import type { Cookie } from './cookie.ts'
import type { CookieData } from './cookie-options.ts'

/** What a connect-style store keeps for one session. */
export interface StoredSession {
  cookie: Cookie | CookieData
  [key: string]: unknown
}

/** What a store calls when it is done. */
export type Done<T = unknown> = (error?: unknown, result?: T) => void

/** A store as express-session takes it: connect-redis, connect-pg-simple, connect-mongo and their kind, whoever has typed them. */
export interface ConnectStore {
  get(sid: string, callback: (error: unknown, session?: WithCookie | null) => void): unknown
  set(sid: string, session: WithCookie, callback?: (error?: unknown) => void): unknown
  destroy(sid: string, callback?: (error?: unknown) => void): unknown
  touch?(sid: string, session: WithCookie, callback?: (error?: unknown) => void): unknown
}

interface WithCookie {
  readonly cookie: object
}

/** What a store has under an id, asked by ourselves unless otherwise said; `null` where it has nothing. */
export async function getFrom(
  store: ConnectStore,
  sid: string,
  ask: typeof answerOf = askOurselves,
): Promise<StoredSession | null> {
  try {
    const found = await ask<WithCookie | null>((done) => store.get(sid, done))
    return (found ?? null) as StoredSession | null
  } catch (error) {
    // How stores of files say that they have none.
    if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT') return null
    throw error
  }
}

/** Destroys what a store has under an id. */
export async function destroyIn(store: ConnectStore, sid: string): Promise<void> {
  await askOurselves((done) => store.destroy(sid, done))
}

const ours = new WeakSet<Done>()

// While a store is called: what stands over it may hand on a callback of its own.
let isOurs = false

/** Asks a store in a way that can be told from what an application asks it by hand. */
function askOurselves<T>(ask: (done: Done<T>) => unknown): Promise<T | undefined> {
  return answerOf<T>((done) => {
    ours.add(done as Done)
    isOurs = true
    try {
      return ask(done)
    } finally {
      isOurs = false
    }
  })
}

/** Whether a store is asked by somebody else, with this callback. */
export function isByHand(done: unknown): boolean {
  return !isOurs && !(typeof done === 'function' && ours.has(done as Done))
}

/** What a function that takes a callback answers with, or fails at in whichever way. */
export function answerOf<T>(ask: (done: Done<T>) => unknown): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const returned = ask((error, result) => (error ? reject(error) : resolve(result)))
    // A store may be made of async functions and call back all the same.
    if (returned instanceof Promise) returned.catch(reject)
  })
}
