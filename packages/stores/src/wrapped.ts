import type { AnyStore, Store, SubjectIndex } from '@sojourn/core'

type Answering = Pick<
  Store & SubjectIndex,
  'consistency' | 'read' | 'create' | 'update' | 'touch' | 'delete' | 'list'
>

/** The powers and members of a store, whose verbs answer as any store's may: at once or later. */
export type Wrapped<S extends AnyStore> = {
  readonly [Member in keyof S]: Member extends keyof Answering ? Answering[Member] : S[Member]
}

/** A store with all that it has and nothing else, but `members` in the place of its own of the same name. */
export function wrapped<S extends AnyStore>(
  store: S,
  members: Readonly<Record<string, unknown>>,
): Wrapped<S> {
  function memberOf(key: string | symbol): unknown {
    const member: unknown = Reflect.get(store, key)
    if (member === undefined) return
    if (typeof key === 'string' && Object.hasOwn(members, key)) return members[key]
    // Bound to the store: a class with private members knows no proxy.
    return typeof member === 'function' ? member.bind(store) : member
  }

  // Over an object of its own: of a frozen store, its proxy could show nothing but what the store has.
  return new Proxy({} as Wrapped<S>, {
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
