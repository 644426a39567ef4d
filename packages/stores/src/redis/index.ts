/**
 * Sessions in Redis or Valkey.
 *
 * @module
 */
export type { IoRedis, RedisClient } from './client.ts'
export type {
  NodeRedis,
  NodeRedisCluster,
  NodeRedisCommandOptions,
  NodeRedisSentinel,
} from './node-redis.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './redis-store.ts'
