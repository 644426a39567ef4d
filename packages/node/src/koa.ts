/**
 * Sessions for Koa.
 *
 * @module
 */
import type { ReadOptions, Session } from '@sojourn/core'
import type { NodeRequest, NodeResponse } from './message.ts'
import type { NodeSessions } from './node-sessions.ts'
import { decorate as decorateContext } from './with-session.ts'

export type { OpenSession, WithSession } from './with-session.ts'

/** What is needed of a Koa context. */
export interface KoaContextLike {
  readonly req: NodeRequest
  readonly res: NodeResponse
  onerror(error: Error | null | undefined): void
}

export interface KoaSessionsOptions {
  /** Whether contexts have `session()`, typed by `WithSession`. Default `false`. */
  readonly decorate?: boolean
}

/** A middleware, and the way to a context's session. */
export interface KoaSessions<Data extends object> {
  /** For `use`, before whatever turns errors into pages, or that error is not seen. */
  (context: KoaContextLike, next: () => Promise<unknown>): Promise<void>
  /**
   * The session of a request, the same one on every call; committed when the head of the response is about to leave.
   *
   * @throws {SessionError} when the store fails, or the response has left.
   */
  open(context: Pick<KoaContextLike, 'req'>, options?: ReadOptions): Promise<Session<Data>>
}

/**
 * Sessions as Koa middleware. A request that does not open its session costs no store operation. What comes by as an error saves nothing that
 * the request had changed; a commit that fails goes to `ctx.onerror`, and so to the `error` event of the application.
 *
 * @example
 * ```ts
 * const visits = koaSessions(nodeSessions(sessions))
 * app.use(visits)
 * app.use(async (ctx) => {
 *   ctx.body = `Hello ${(await visits.open(ctx)).subject ?? 'stranger'}`
 * })
 * ```
 */
export function koaSessions<Data extends object>(
  web: NodeSessions<Data>,
  { decorate = false }: KoaSessionsOptions = {},
): KoaSessions<Data> {
  async function sessions(context: KoaContextLike, next: () => Promise<unknown>): Promise<void> {
    const { req, res } = context
    web.attach(req, res, (error) => fail(context, error))
    if (decorate) decorateContext<Data>(context, (options) => web.open(req, options))
    try {
      await next()
    } catch (error) {
      await web.discard(req)
      throw error
    }
  }
  return Object.assign(sessions, {
    open: ({ req }: Pick<KoaContextLike, 'req'>, options?: ReadOptions): Promise<Session<Data>> =>
      web.open(req, options),
  })
}

/** Lets Koa answer for a commit that failed, or for what Node threw when it was given the head. */
function fail(context: KoaContextLike, error: unknown): void {
  const { res, onerror } = context
  // Koa takes all headers away but those of the error; a session that was saved before it must reach the client.
  const cookies = res.getHeader('set-cookie')
  if (cookies) {
    Object.assign(error as Error, {
      headers: { 'set-cookie': cookies, 'cache-control': 'no-store' },
    })
  }
  onerror.call(context, error as Error)
  // Koa closes the body of the response that was lost, and would tell of that as well.
  context.onerror = (later) => {
    const { code } = (later ?? {}) as NodeJS.ErrnoException
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') onerror.call(context, later)
  }
}
