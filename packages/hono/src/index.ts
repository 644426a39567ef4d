/**
 * Sessions as Hono middleware.
 *
 * @module
 */
import {
  type CommitOptions,
  type Json,
  type ReadOptions,
  type Session,
  SessionError,
  type Sessions,
} from '@sojourn/core'
import type { Context, MiddlewareHandler } from 'hono'
import { endOfTurn } from './end-of-turn.ts'

/**
 * Gives the request's session: asks the store on the first call, and gives the same session on every other. Where it must be
 * `authoritative`, the first call must say so.
 *
 * @throws {TypeError} when a later call is the first to ask for an authoritative one.
 */
export type OpenSession<Data extends object> = (options?: ReadOptions) => Promise<Session<Data>>

/** What the middleware adds to `c.var`: `new Hono<{ Variables: SessionVariables<Data> }>()`. */
export interface SessionVariables<Data extends object = Record<string, Json>> {
  session: OpenSession<Data>
}

interface Mounted<Data extends object> extends OpenSession<Data> {
  sessions?: Sessions<Data>
}

/**
 * Middleware that gives each request its session as `await c.var.session()` and commits it before the response leaves. A request that
 * does not ask for its session costs nothing. A handler that throws saves nothing; what it revoked stays revoked. Mounted twice it is
 * one session.
 *
 * @example
 * ```ts
 * const app = new Hono().use(session(sessions))
 *   .get('/', async (c) => c.text(`Hello ${(await c.var.session()).subject ?? 'stranger'}`))
 * ```
 */
export function session<Data extends object>(
  sessions: Sessions<Data>,
): MiddlewareHandler<{ Variables: SessionVariables<Data> }> {
  return async function session(c, next) {
    const outer: Mounted<Data> | undefined = c.get('session')
    if (outer?.sessions === sessions) return next()

    let opening: Promise<Session<Data>> | undefined
    let left = false
    let first: ReadOptions | undefined
    function open(options?: ReadOptions): Promise<Session<Data>> {
      first ??= { ...options }
      opening ??= left ? Promise.reject(tooLate()) : openIn(c, sessions, first)
      return options?.authoritative && !first.authoritative
        ? Promise.reject(
            new TypeError('"authoritative" must come first, and c.var.session() was called before'),
          )
        : opening
    }
    open.sessions = sessions
    c.set('session', open)
    let failed = true
    try {
      await next()
      // Hono answers what a handler throws with `onError` and lets `next` resolve.
      failed = c.error !== undefined
    } finally {
      left = true
      if (outer) c.set('session', outer)
      if (opening) {
        await commit(c, sessions, opening, failed)
        await endOfTurn(c)
      }
    }
  }
}

async function openIn<Data extends object>(
  c: Context,
  sessions: Sessions<Data>,
  options: ReadOptions,
): Promise<Session<Data>> {
  await endOfTurn(c)
  return sessions.open(c.req.raw, options)
}

async function commit<Data extends object>(
  c: Context,
  sessions: Sessions<Data>,
  opening: Promise<Session<Data>>,
  failed: boolean,
): Promise<void> {
  const session = await opening.catch(() => null)
  // Whoever asked for a session that could not be opened was told so.
  if (!session) return
  try {
    if (failed) session.discard()
    const response = await sessions.commit(session, c.res, new Platform(c))
    if (response !== c.res) replace(c, response)
  } catch (error) {
    // `onError` has the handler's own error, and gets no second one.
    if (failed) return
    withdraw(c)
    throw error
  }
}

// Hono copies the headers of a response that stands over those of its successor, cookies included: so none may stand.
function replace(c: Context, response: Response): void {
  c.res = undefined
  c.res = response
}

// What a response says of itself is not true of the error's that takes its place; a request id or a CORS header still is.
const OF_ITSELF =
  /^(set-cookie|(.+-)?cache-control|surrogate-|expires|etag|last-modified|location|refresh|content-(?!security-))/

function withdraw(c: Context): void {
  const { body, headers } = c.res
  const kept = [...headers].filter(([name]) => !OF_ITSELF.test(name))
  replace(c, new Response(null, { headers: kept }))
  // Nobody reads it any more, and whoever writes it should know.
  body?.cancel().catch(() => {})
}

function tooLate(): SessionError {
  return new SessionError(
    'ERR_SESSION_COMMITTED',
    'The response left before the session was opened',
  )
}

// A class, since an engine makes a new shape for every literal with a getter, and those keep each request alive for long.
class Platform implements CommitOptions {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  get waitUntil(): CommitOptions['waitUntil'] {
    try {
      const { executionCtx } = this.#context
      return (promise) => executionCtx.waitUntil(promise)
    } catch {
      // Hono throws where the platform has none; then the touch is awaited.
      return undefined
    }
  }
}
