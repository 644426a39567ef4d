import type { AnyStore } from '../store.ts'
import { intercepted, type StoreCall } from './store-calls.ts'

/** A store that remembers what it was asked. */
export type RecordedStore<S extends AnyStore> = S & {
  /** Every call so far, in order, those that failed included. Empty it with `splice(0)`. */
  readonly calls: StoreCall[]
}

/** The same store, which remembers what it was asked and answers neither earlier nor later. */
export function recorded<S extends AnyStore>(store: S): RecordedStore<S> {
  const calls: StoreCall[] = []
  const spy = intercepted(store, (call, go) => {
    calls.push(call)
    return go()
  })
  return new Proxy(spy, {
    get: (target, key) => (key === 'calls' ? calls : Reflect.get(target, key)),
  }) as RecordedStore<S>
}
