/**
 * Sessions sealed at rest.
 *
 * @module
 */
export type { Wrapped } from '../wrapped.ts'
export { encrypted } from './encrypted.ts'
export { UnsealError, type UnsealReason } from './seal.ts'
