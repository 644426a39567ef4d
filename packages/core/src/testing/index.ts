/**
 * What tests of sessions and of stores need. Knows no test runner.
 *
 * @module
 */
export {
  type Browser,
  type BrowserOptions,
  type BrowserRequest,
  browser,
  type PostBody,
  type RefusedCookie,
} from './browser.ts'
export { type Clock, clock } from './clock.ts'
export type { Cookie, CrossSite } from './cookie-jar.ts'
export { delayed, type StoreMoment } from './delayed-store.ts'
export {
  type FailingFault,
  faultyStore,
  type GarbageFault,
  type HangingFault,
  type LateFault,
  type StoreFault,
} from './faulty-store.ts'
export { type RecordedStore, recorded } from './recorded-store.ts'
export type { StoreCall, StoreVerb } from './store-calls.ts'
export { type ContractCase, type StorePowers, storeContract } from './store-contract.ts'
