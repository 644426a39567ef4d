import { configure, type SessionsOptions } from './configure.ts'
import { writeHead } from './head.ts'
import type { Json } from './json.ts'
import { openState } from './open.ts'
import type { Awaitable } from './provider.ts'
import { closeState, Session, tooLate } from './session.ts'
import type { ReadOptions } from './store.ts'
import { listSessions, revokeById, revokeBySubject, type SessionInfo } from './subjects.ts'
import type { RequestLike } from './transport.ts'
import { writeSession } from './write.ts'

/** What a commit may use of the platform: a Worker's `ctx` is one. */
export interface CommitOptions {
  /** Keeps the process for a promise after the response has left. Only a touch is left to it. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined
}

/** What `wrap` makes of a handler: for the `fetch` of a Worker, Deno or Bun. */
export type WrappedHandler<Rest extends unknown[]> = (
  request: Request,
  ...rest: Rest
) => Promise<Response>

/** The sessions of one application. */
export interface Sessions<Data extends object> {
  /**
   * The session of a request; an anonymous one if it presents no token that opens one. Open once a request. `authoritative`: past every
   * cache that the store has, for what may not rest on a session that was revoked a moment ago.
   *
   * @throws {SessionError} when the store fails.
   */
  open(request: RequestLike, options?: ReadOptions): Promise<Session<Data>>
  /**
   * Writes what changed, then gives the response to send: the same one, or a copy with the same body where it hands out a token or has
   * immutable headers.
   *
   * @throws {SessionError} when the store fails; then nothing may be sent that names the session.
   */
  commit(session: Session<Data>, response: Response, options?: CommitOptions): Promise<Response>
  /**
   * A handler with `open` and `commit` around it. `open` gives the same session on every call; the first may not come after the response,
   * and must be `authoritative` if any is. What a handler that throws had changed is dropped, and its error passed on. An argument after the
   * request that has a `waitUntil` is used for it.
   */
  wrap<Rest extends unknown[]>(
    handler: (
      request: Request,
      open: (options?: ReadOptions) => Promise<Session<Data>>,
      ...rest: Rest
    ) => Awaitable<Response>,
  ): WrappedHandler<Rest>
  /**
   * A subject's live sessions.
   *
   * @throws {SessionError} `ERR_SESSION_INDEX` where the store keeps no subject index.
   */
  list(subject: string): Promise<SessionInfo<Data>[]>
  /**
   * Ends a session by its id, if it belongs to `subject` where one is given: do give one where the id comes from a visitor. `false`: there
   * was none. To end the request's own session use `session.revoke()`, which also takes the cookie away. Await it: Workers drop what is under way when
   * the response has left.
   */
  revoke(id: string, options?: { readonly subject?: string }): Promise<boolean>
  /** Ends a subject's sessions, `except` the one with this id; how many they were. Await it, as `revoke`. */
  revokeAll(subject: string, options?: { readonly except?: string | null }): Promise<number>
}

/**
 * The sessions of an application. Constructs nothing that Workers forbid at global scope.
 *
 * @throws {TypeError} naming the option at fault.
 */
export function createSessions<Data extends object = Record<string, Json>>(
  options: SessionsOptions,
): Sessions<Data> {
  const { engine, transport } = configure(options)
  const sessions: Sessions<Data> = {
    async open(request, options) {
      return new Session<Data>(engine, await openState(engine, transport, request, options))
    },
    async commit(session, response, options = {}) {
      const state = closeState(session)
      await state.ending?.catch(() => {})
      // What answers with a 304 of its own may drop the cookies of ours: a renewed token waits for the next response.
      const handout = await writeSession(engine, state, response.status !== 304)
      const { deferred } = handout
      if (deferred && options.waitUntil) options.waitUntil(deferred)
      else await deferred
      // What hands out a token is a copy: the application may keep the response and send it to others. So is what has immutable headers.
      if (handout.token === undefined) {
        try {
          writeHead(response.headers, transport, handout)
          return response
        } catch {}
      }
      const copy = new Response(response.body, response)
      writeHead(copy.headers, transport, handout)
      return copy
    },
    wrap(handler) {
      return async function fetch(request, ...rest) {
        let opening: Promise<Session<Data>> | undefined
        let left = false
        let first: ReadOptions | undefined
        function open(options?: ReadOptions): Promise<Session<Data>> {
          first ??= { ...options }
          opening ??= left ? Promise.reject(tooLate()) : sessions.open(request, first)
          return options?.authoritative && !first.authoritative
            ? Promise.reject(new TypeError('"authoritative" must come first'))
            : opening
        }
        let response: Response
        try {
          response = await handler(request, open, ...rest)
        } finally {
          left = true
        }
        // Whoever asked for a session that could not be opened was told so.
        const session = await opening?.catch(() => {})
        const context = (rest as (CommitOptions | undefined)[]).find((it) => it?.waitUntil)
        return session ? sessions.commit(session, response, context) : response
      }
    },
    list: (subject) => listSessions(engine, subject) as Promise<SessionInfo<Data>[]>,
    revoke: (id, options) => revokeById(engine, id, options),
    revokeAll: (subject, { except = null } = {}) => revokeBySubject(engine, subject, except),
  }
  return sessions
}
