/**
 * Sessions for Node's own request and response objects.
 *
 * @module
 */
export type { ErrorHandler, Handler, Middleware } from './http.ts'
export type { NodeRequest, NodeResponse } from './message.ts'
export type { NodeEvent } from './node-event.ts'
export {
  type NodeSessions,
  type NodeSessionsOptions,
  nodeSessions,
} from './node-sessions.ts'
export type { Origin, OriginOf, TrustProxy } from './origin.ts'
export { type ToRequestOptions, toRequest } from './to-request.ts'
export type { OpenSession, WithSession } from './with-session.ts'
