/**
 * Sessions for Node's own request and response objects.
 *
 * @module
 */
export type { ErrorHandler, Handler, Middleware } from './http.ts'
export type { AnyRequest, NodeRequest, NodeResponse } from './message.ts'
export type { NodeEvent } from './node-event.ts'
export {
  type NodeSessions,
  type NodeSessionsOptions,
  nodeSessions,
  type WithSession,
} from './node-sessions.ts'
export type { Origin, OriginOf, TrustProxy } from './origin.ts'
export { type ToRequestOptions, toRequest } from './to-request.ts'
