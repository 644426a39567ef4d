/**
 * A store that tells when a session ends.
 *
 * @module
 */
export type { Wrapped } from '../wrapped.ts'
export type { Notifications } from './notifications.ts'
export {
  type ListeningSql,
  type PgListener,
  type PostgresNotificationsOptions,
  postgresNotifications,
} from './postgres-notifications.ts'
export {
  type IoRedisSubscriber,
  type NodeRedisSubscriber,
  type RedisNotificationsOptions,
  type RedisPublisher,
  redisNotifications,
} from './redis-notifications.ts'
export { type WatchedOptions, type Watching, watched } from './watched.ts'
export type { EndListener, EndReason } from './watches.ts'
