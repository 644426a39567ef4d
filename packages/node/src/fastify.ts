/**
 * Sessions for Fastify.
 *
 * @module
 */
import type { ReadOptions, Session } from '@sojourn/core'
import { internalError } from './http.ts'
import type { NodeRequest, NodeResponse } from './message.ts'
import type { NodeSessions } from './node-sessions.ts'
import type { OpenSession } from './with-session.ts'

export type { OpenSession, WithSession } from './with-session.ts'

/** What is needed of a Fastify request. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest
}

/** What is needed of a Fastify reply. */
export interface FastifyReplyLike {
  readonly raw: NodeResponse
  readonly sent: boolean
  getHeaders(): object
  removeHeader(name: string): unknown
  send(error: unknown): unknown
}

/** What is needed of a Fastify instance. */
export interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: () => void) => void,
  ): unknown
  addHook(
    name: 'onError',
    hook: (
      request: FastifyRequestLike,
      reply: FastifyReplyLike,
      error: Error,
      done: () => void,
    ) => void,
  ): unknown
  decorateRequest(name: string, value: unknown): unknown
}

export interface FastifySessionsOptions {
  /** Whether requests have `session()`, typed by `WithSession`. Default `false`. */
  readonly decorate?: boolean
}

/** A plugin, and the way to a request's session. */
export interface FastifySessions<Data extends object> {
  /** For `register`: it applies where it is registered, and to everything below. */
  (app: FastifyLike): Promise<void>
  /**
   * The session of a request, the same one on every call; committed when the head of the reply is about to leave.
   *
   * @throws {SessionError} when the store fails, or the reply has left.
   */
  open(request: FastifyRequestLike, options?: ReadOptions): Promise<Session<Data>>
}

/**
 * Sessions as a Fastify plugin. A request that does not open its session costs no store operation. An error saves nothing that the request
 * had changed; a commit that fails goes to the error handler.
 *
 * @example
 * ```ts
 * const visits = fastifySessions(nodeSessions(sessions))
 * app.register(visits)
 * app.get('/', async (request) => `Hello ${(await visits.open(request)).subject ?? 'stranger'}`)
 * ```
 */
export function fastifySessions<Data extends object>(
  web: NodeSessions<Data>,
  { decorate = false }: FastifySessionsOptions = {},
): FastifySessions<Data> {
  const open = (request: FastifyRequestLike, options?: ReadOptions): Promise<Session<Data>> =>
    web.open(request.raw, options)

  async function plugin(app: FastifyLike): Promise<void> {
    app.addHook('onRequest', (request, reply, next) => {
      web.attach(request.raw, reply.raw, (error) => fail(request, reply, error))
      next()
    })
    app.addHook('onError', ({ raw }, _, __, next) => {
      web.discard(raw).then(next)
    })
    if (decorate) {
      app.decorateRequest('session', {
        // Fastify reads it as the accessor of each request.
        getter(this: FastifyRequestLike): OpenSession<Data> {
          return (options) => open(this, options)
        },
      })
    }
  }

  return Object.assign(plugin, {
    open,
    // A plugin has a scope of its own, unless it says so.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@sojourn/node',
  })
}

function fail(request: FastifyRequestLike, reply: FastifyReplyLike, error: unknown): void {
  const { raw } = reply
  // After `hijack` the reply sends nothing, and there is nobody else who would.
  if (reply.sent) {
    internalError(error, request.raw, raw)
    return
  }
  // Fastify has headers of its own, which would come back over those that are left.
  const left = Object.entries(raw.getHeaders())
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
  for (const [name, value] of left) if (value !== undefined) raw.setHeader(name, value)
  raw.statusCode = 500
  reply.send(error)
}
