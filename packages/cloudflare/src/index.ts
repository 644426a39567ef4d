/**
 * Stores for Cloudflare Workers.
 *
 * @module
 */
export {
  type DurableObjectStore,
  type DurableObjectStoreOptions,
  durableObjectStore,
} from './durable-object-store.ts'
export { type KvCachedStore, type KvCacheOptions, kvCache } from './kv-cache.ts'
export { type KvStore, type KvStoreOptions, kvStore } from './kv-store.ts'
export { SessionObject } from './session-object.ts'
export { SubjectObject } from './subject-object.ts'
