import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

/** A request of `node:http`, `node:https` or the compatibility layer of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/** The response that goes with it. */
export type NodeResponse = ServerResponse | Http2ServerResponse

/** A request as frameworks hand it out: Node's own, or with Node's own in it, as Fastify's request and Koa's context. */
export type AnyRequest = NodeRequest | { readonly raw: NodeRequest } | { readonly req: NodeRequest }

/** Node's own. */
export function rawOf(request: AnyRequest): NodeRequest {
  if ('raw' in request) return request.raw
  return 'req' in request ? request.req : request
}
