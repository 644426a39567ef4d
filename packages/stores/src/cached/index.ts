/**
 * A small read cache in this process, with a stated bound.
 *
 * @module
 */
export type { Wrapped } from '../wrapped.ts'
export { type CachedOptions, cached } from './cached.ts'
