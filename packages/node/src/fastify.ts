/**
 * Sessions for Fastify.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { withdrawFields } from './head.ts'
import type { NodeResponse } from './message.ts'
import type { NodeSessions } from './node-sessions.ts'

type Field = number | string | string[] | undefined

interface RequestLike {
  readonly raw: IncomingMessage
}

interface ReplyLike {
  readonly raw: ServerResponse
  statusCode: number
  getHeaders(): Record<string, Field>
  getHeader(name: string): Field
  header(name: string, value: unknown): unknown
  removeHeader(name: string): unknown
}

/** What of an instance of Fastify's is used. */
export interface FastifyLike {
  addHook(name: string, hook: (...args: never[]) => unknown): unknown
}

/** A plugin, for `app.register`. */
export type FastifyPlugin = (app: FastifyLike, options: object, done: () => void) => void

/**
 * A plugin for Fastify 5, for all routes of the instance that registers it. The session of a request is `web.open(request)`; it is committed when the
 * reply is about to be sent, or before that where a handler writes to `reply.raw` itself. A commit that fails goes to the error handler, and a
 * handler that fails saves nothing.
 */
export function fastifySessions<Data extends object>(web: NodeSessions<Data>): FastifyPlugin {
  const failed = new WeakSet<RequestLike>()
  const plugin: FastifyPlugin = (app, _options, done) => {
    app.addHook('onRequest', (request: RequestLike, reply: ReplyLike, next: () => void) => {
      // For a reply that was hijacked. Fastify has sent all others through `onSend` before.
      web.attach(request.raw, reply.raw, () => reply.raw.destroy())
      next()
    })
    app.addHook('onError', (request: RequestLike) => web.discard(request))
    app.addHook('onSend', async (request: RequestLike, reply: ReplyLike) => {
      // Now it is the error handler's reply.
      if (failed.has(request)) return
      const head = headOf(reply)
      try {
        await web.commit(request.raw, head)
      } catch (error) {
        failed.add(request)
        withdrawFields(head)
        throw error
      }
    })
    done()
  }
  // As `fastify-plugin` does: for the instance that registers it, not for one of its own.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@sojourn/node/fastify',
  })
}

// Fastify keeps the head by itself until it sends it.
function headOf(reply: ReplyLike): NodeResponse {
  const head = {
    get statusCode() {
      return reply.statusCode
    },
    getHeaderNames: () => Object.keys(reply.getHeaders()),
    getHeader: (name: string) => reply.getHeader(name),
    removeHeader: (name: string) => reply.removeHeader(name),
    setHeader(name: string, value: Field) {
      // Or cookies would be added to those that are there.
      reply.removeHeader(name)
      reply.header(name, value)
    },
  }
  return head as unknown as NodeResponse
}
