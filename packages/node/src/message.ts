import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

/** A request of `node:http`, `node:https` or the compatibility layer of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/** The response that goes with it. */
export type NodeResponse = ServerResponse | Http2ServerResponse
