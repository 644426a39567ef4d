/**
 * Sessions for Koa.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { withdrawHead } from './head.ts'
import type { NodeSessions } from './node-sessions.ts'

/** What of a context of Koa's is used. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  onerror(error: Error): void
}

/**
 * Middleware for Koa 3 and 2. The session of a request is `web.open(ctx)`; it is committed when the middleware within has run, or before that where a
 * handler writes to `ctx.res` itself. A commit that fails is thrown, and a handler that throws saves nothing.
 */
export function koaSessions<Data extends object>(
  web: NodeSessions<Data>,
): (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  return async function session(ctx, next) {
    const { req, res } = ctx
    web.attach(req, res, (error) => ctx.onerror(error as Error))
    try {
      await next()
    } catch (error) {
      await web.discard(req)
      throw error
    }
    if (res.headersSent) return
    try {
      await web.commit(req, res)
    } catch (error) {
      if (!res.headersSent) withdrawHead(res)
      throw error
    }
  }
}
