import type { AnyStore } from '@sojourn/core'
import { memoryStore } from '@sojourn/core'
import type { Elsewhere } from './by-hand.ts'
import type { ConnectStore } from './connect.ts'
import { connectStore, type WrappedStore } from './connect-store.ts'
import type { CookieOptions } from './cookie-options.ts'
import { idleBy } from './idle.ts'
import { type Kept, keptWith, type Places } from './kept.ts'
import { MemoryStore } from './memory-store.ts'
import type { SessionOptions } from './options.ts'
import { cookieFor } from './origin.ts'
import { type ParsedRequest, presentedAs, type ReadPresented } from './presented.ts'
import type { Store } from './store.ts'
import { storeView } from './store-view.ts'
import { warnOnce } from './warn.ts'

type GivenSecret = NonNullable<SessionOptions['secret']>

/** What is decided once. */
export interface App {
  readonly name: string
  readonly previousName: string
  readonly proxy: boolean | undefined
  readonly resave: boolean
  readonly saveUninitialized: boolean
  readonly rolling: boolean
  readonly unsetDestroys: boolean
  /** What the application sees as `req.sessionStore`. */
  readonly view: Store
  /** Whether the store goes by our deadlines, and not by its own. */
  readonly judges: boolean
  readonly presented: ReadPresented
  cookieOf(request: ParsedRequest): CookieOptions
  /** A connect-style store's own touch. */
  readonly touch: WrappedStore['touchOwn']
  /** The stores that an application may ask by hand for sessions that have another id, or are elsewhere, since. */
  readonly usedByHand: readonly ConnectStore[]
  readonly elsewhere: Elsewhere
  /** What the sessions under a secret are kept with. */
  keptWith(secret: GivenSecret): Kept
}

/** @throws {TypeError} naming the option at fault. */
export function createApp(options: SessionOptions): App {
  const { cookie = {}, proxy } = options
  const { NODE_ENV } = process.env
  const previous = options.previous === false ? null : (options.previous ?? {})
  const name = options.name || options.key || 'connect.sid'
  const previousName = previous?.name || name
  const given = options.store ?? memoryStore()
  const connect = isConnect(given) ? given : null
  const store = connect ? connectStore(connect) : (given as AnyStore)
  const previousStore = previous?.store ?? connect
  const view = connect ? (connect as Store) : storeView(given as AnyStore)
  const kept = new Map<GivenSecret, Kept>()
  const optionsOf = (request: ParsedRequest): CookieOptions =>
    (typeof cookie === 'function' ? cookie(request) : cookie) ?? {}
  const places: Places = {
    name,
    store,
    previous,
    previousName,
    previousStore,
    isElsewhere: previousStore !== connect,
    cookieFor: (request) => cookieFor(request, optionsOf(request), proxy),
  }
  idleBy(options.idleTimeout, options.persistent)
  if (NODE_ENV === 'production' && (!options.store || connect instanceof MemoryStore)) {
    warnOnce(
      'MEMORY',
      'Sessions are kept in this process\'s memory and end with it: give a "store"',
    )
  }

  return {
    name,
    previousName,
    proxy,
    resave: options.resave ?? true,
    saveUninitialized: options.saveUninitialized ?? true,
    rolling: Boolean(options.rolling),
    unsetDestroys: options.unset === 'destroy',
    view,
    judges: !connect,
    presented: presentedAs(name),
    cookieOf: optionsOf,
    touch: 'touchOwn' in store ? store.touchOwn : null,
    usedByHand: previous ? [...new Set([view, previousStore ?? view])] : [],
    elsewhere: {
      async find(id, asked) {
        for (const { elsewhere } of kept.values()) {
          const found = await elsewhere?.find(id, asked)
          if (found) return found
        }
        return null
      },
      async end(id, asked) {
        for (const { elsewhere } of kept.values()) await elsewhere?.end(id, asked)
      },
    },
    keptWith(secret) {
      const found = kept.get(secret) ?? keptWith(secret, options, places)
      kept.set(secret, found)
      return found
    },
  }
}

function isConnect(store: AnyStore | ConnectStore): store is ConnectStore {
  const { get, set, read, update } = store as unknown as Record<string, unknown>
  if (typeof get === 'function' && typeof set === 'function') return true
  if (typeof read === 'function' && typeof update === 'function') return false
  throw new TypeError('"store" must be a store of ours or a connect-style store')
}
