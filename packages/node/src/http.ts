import type { Awaitable } from '@sojourn/core'
import type { NodeRequest, NodeResponse } from './message.ts'

/** A listener for `createServer`. */
export type Handler<Req extends NodeRequest, Res extends NodeResponse> = (
  request: Req,
  response: Res,
) => Awaitable<unknown>

/** Answers a request whose handler, or commit, has failed. Its head has not left. */
export type ErrorHandler = (
  error: unknown,
  request: NodeRequest,
  response: NodeResponse,
) => Awaitable<void>

/** Connect's, and so Express's. */
export type Middleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void

/** The answer to a failure where the application has none of its own: 500, and not a word about it. */
export function internalError(_: unknown, __: NodeRequest, response: NodeResponse): void {
  response.statusCode = 500
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end('Internal Server Error\n')
}
