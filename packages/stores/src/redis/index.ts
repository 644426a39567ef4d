/**
 * Sessions in Redis or Valkey.
 *
 * @module
 */
export type {
  IoRedis,
  NodeRedis,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisClient,
} from './client.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './redis-store.ts'
