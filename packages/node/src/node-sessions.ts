import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReadOptions, Session, Sessions } from '@sojourn/core'
import { Exchange } from './exchange.ts'
import { hasLeft } from './freeze-head.ts'
import { withdrawHead } from './head.ts'
import { type ErrorHandler, type Handler, internalError, type Middleware } from './http.ts'
import type { NodeRequest, NodeResponse } from './message.ts'
import { type NodeEvent, warn } from './node-event.ts'
import { type OriginOf, originOf, type TrustProxy } from './origin.ts'
import { decorate } from './with-session.ts'

export interface NodeSessionsOptions {
  /** Whose word is taken for a request's scheme and address. Default `false`: the socket's alone. */
  readonly trustProxy?: TrustProxy
  /** Called at once; what it throws is dropped. Default: a warning of the process, once for each type. */
  readonly onEvent?: (event: NodeEvent) => void
  /** What `handler` answers when a handler or a commit fails before the head has left. Default: 500. */
  readonly onError?: ErrorHandler
}

/** The sessions of one application, for Node's own request and response objects. */
export interface NodeSessions<Data extends object> {
  readonly sessions: Sessions<Data>
  readonly originOf: OriginOf
  /**
   * The session of a request, the same one on every call. Where a middleware or `handler` has seen the request, it is committed when the head of the
   * response is about to leave; otherwise by `commit`, or not at all, as for an upgrade.
   *
   * @throws {SessionError} when the store fails, or the response has left.
   */
  open(request: NodeRequest, options?: ReadOptions): Promise<Session<Data>>
  /**
   * Commits the session of a request, and puts what the client is to be told into the head of the response, which must not have left. Does nothing
   * where it was not opened, or was committed.
   *
   * @throws {SessionError} when the store fails; then nothing may be sent that names the session.
   */
  commit(request: NodeRequest, response: NodeResponse): Promise<void>
  /** Drops what a request has changed, for one that fails. What it revoked stays revoked. */
  discard(request: NodeRequest): Promise<void>
  /**
   * A listener for `createServer` of `node:http` or `node:https`, and of `node:http2` where the handler names its types. A handler that throws saves
   * nothing.
   */
  handler(
    handle: Handler<IncomingMessage, ServerResponse>,
  ): (request: IncomingMessage, response: ServerResponse) => void
  handler<Req extends NodeRequest, Res extends NodeResponse>(
    handle: Handler<Req, Res>,
  ): (request: Req, response: Res) => void
  /** For Express, Connect and their kind. A commit that fails before the head has left goes to `next`. */
  readonly middleware: Middleware
  /** The same, and each request has `session()`: `WithSession` is its type. What is in its place already is an error for `next`. */
  readonly expressStyle: Middleware
  /** For Express, after the routes: an error that comes by drops what the request has changed, and goes on. */
  readonly errorMiddleware: (
    error: unknown,
    request: NodeRequest,
    response: NodeResponse,
    next: (error?: unknown) => void,
  ) => void
  /**
   * Lets the head of a response wait for the commit, once the session is opened. `failed` is told of a commit that failed, and writes the response
   * then.
   */
  attach(request: NodeRequest, response: NodeResponse, failed: (error: unknown) => unknown): void
}

/**
 * Sessions for Node.
 *
 * @throws {TypeError} naming the option at fault.
 */
export function nodeSessions<Data extends object>(
  sessions: Sessions<Data>,
  options: NodeSessionsOptions = {},
): NodeSessions<Data> {
  const { trustProxy = false, onEvent = warn(), onError = internalError } = options
  const origin = originOf(trustProxy)
  const key = Symbol('session')
  type Carrier = { [key]?: Exchange<Data> }

  async function tell(event: NodeEvent): Promise<void> {
    try {
      await onEvent(event)
    } catch {
      // Nobody is there to be told of it.
    }
  }

  function exchangeOf(request: NodeRequest): Exchange<Data> {
    const carrier = request as Carrier
    carrier[key] ??= new Exchange(sessions, request, (cookies) => checkCookies(request, cookies))
    return carrier[key]
  }

  /** Lets somebody answer for an error; what they throw themselves is told. */
  async function answer(response: NodeResponse, run: () => unknown): Promise<void> {
    try {
      await run()
    } catch (error) {
      lose(response, { type: 'handler-failed', error })
    }
  }

  function lose(response: NodeResponse, event: NodeEvent): void {
    tell(event)
    if (!response.writableEnded) response.destroy()
  }

  function checkCookies(request: NodeRequest, cookies: readonly string[]): void {
    for (const cookie of cookies) {
      if (!/;\s*secure\s*(;|$)/i.test(cookie) || isSecure(request)) continue
      tell({ type: 'cookie-refused', reason: 'insecure', cookie: cookie.split('=', 1)[0] ?? '' })
    }
  }

  // Browsers count their own machine as secure.
  function isSecure(request: NodeRequest): boolean {
    // Express says what its own `trust proxy` makes of it.
    const { secure } = request as { secure?: unknown }
    if (secure === true || origin(request).scheme === 'https') return true
    const { host, ':authority': authority = host ?? '' } = request.headers
    return /^(([^:]+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(String(authority))
  }

  const web: NodeSessions<Data> = {
    sessions,
    originOf: origin,
    open: (request, options) => exchangeOf(request).open(options),
    commit: (request, response) => exchangeOf(request).commit(response),
    discard: (request) => exchangeOf(request).discard(),
    attach(request, response, failed) {
      exchangeOf(request).attach(response, (error) => {
        if (hasLeft(response)) lose(response, { type: 'commit-failed', error })
        else answer(response, () => failed(error))
      })
    },
    middleware(request, response, next) {
      web.attach(request, response, next)
      next()
    },
    expressStyle(request, response, next) {
      try {
        decorate<Data>(request, (options) => web.open(request, options))
      } catch (error) {
        return next(error)
      }
      web.middleware(request, response, next)
    },
    errorMiddleware(error, request, response, next) {
      web.discard(request).then(() => answer(response, () => next(error)))
    },
    handler:
      <Req extends NodeRequest, Res extends NodeResponse>(handle: Handler<Req, Res>) =>
      (request: Req, response: Res): void => {
        const respond = (error: unknown): unknown => onError(error, request, response)
        web.attach(request, response, respond)
        const run = async (): Promise<unknown> => handle(request, response)
        run().catch(async (error) => {
          await web.discard(request)
          if (hasLeft(response)) return lose(response, { type: 'handler-failed', error })
          withdrawHead(response)
          return answer(response, () => respond(error))
        })
      },
  }
  return web
}
