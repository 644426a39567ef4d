import type { StoreOperation } from '../events.ts'
import type { SessionRecord } from '../record.ts'
import type { AnyStore } from '../store.ts'

/** A verb that a store was asked. */
export type StoreVerb = StoreOperation | 'sweep'

/** One call of a store. */
export interface StoreCall {
  readonly verb: StoreVerb
  /** The session's id; for `list` the subject; `null` for `sweep`. */
  readonly id: string | null
}

const VERBS: readonly unknown[] = ['read', 'create', 'update', 'touch', 'delete', 'list', 'sweep']

/** The same store, powers and all, with every call of a verb made by `perform`. */
export function intercepted<S extends AnyStore>(
  store: S,
  perform: (call: StoreCall, go: () => unknown) => unknown,
): S {
  function memberOf(key: string | symbol): unknown {
    const member: unknown = Reflect.get(store, key)
    if (typeof member !== 'function') return member
    // Bound to the store: a class with private members knows no proxy.
    const method = member.bind(store)
    if (!VERBS.includes(key)) return method
    const verb = key as StoreVerb
    return (...args: unknown[]) => perform({ verb, id: idOf(args[0]) }, () => method(...args))
  }

  // Over an object of its own: of a frozen store, its proxy could show nothing but what the store has.
  return new Proxy({} as S, {
    get: (_, key) => memberOf(key),
    set: (_, key, value) => Reflect.set(store, key, value),
    has: (_, key) => Reflect.has(store, key),
    ownKeys: () => Reflect.ownKeys(store),
    getOwnPropertyDescriptor(_, key) {
      const own = Reflect.getOwnPropertyDescriptor(store, key)
      if (!own) return
      const { enumerable = false } = own
      return { value: memberOf(key), enumerable, writable: true, configurable: true }
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(store),
    preventExtensions: () => false,
  })
}

function idOf(subject: unknown): string | null {
  if (typeof subject === 'string') return subject
  return typeof subject === 'object' ? ((subject as SessionRecord | null)?.id ?? null) : null
}
