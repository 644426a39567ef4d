/**
 * Sessions in whatever unstorage reaches.
 *
 * @module
 */
export type { UnstorageStorage } from './entries.ts'
export {
  type UnstorageStore,
  type UnstorageStoreOptions,
  unstorageStore,
} from './unstorage-store.ts'
