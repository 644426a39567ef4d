import type { AnyStore, Store } from '@sojourn/core'
import { unref } from '../unref.ts'
import { type Wrapped, wrapped } from '../wrapped.ts'
import type { Notifications } from './notifications.ts'
import { type EndListener, Watches } from './watches.ts'

// In milliseconds. A client whose server is away keeps what it is asked until that is back, which a process that ends cannot wait for.
const BEFORE_LEAVING = 1000

export interface WatchedOptions {
  /** Tells the other processes, and hears from them. Default: this process alone. */
  readonly notifications?: Notifications
  /** What they talk on; the same in every process of an application. Default `sojourn:ended`. */
  readonly channel?: string
  /**
   * Every so many whole seconds each watched session is read once, so none outlasts its end by more, whatever has ended it and whoever was not
   * heard. Default 60.
   */
  readonly recheck?: number
  /** Called with what a listener threw, and with a read, message or subscription that failed. Default: all of it is dropped. */
  readonly onError?: (error: unknown) => void
}

/** A store's further power to tell when a session ends. */
export interface Watching {
  /**
   * Calls a listener once, when the session with this id ends or speaks for another subject; soon, if it has ended already. Gives what stops
   * that. Keeps neither the session nor the process alive.
   */
  watch(id: string, listener: EndListener): () => void
  /** Stops every watch, untold, and listens to nobody any more; to where nobody answers, within a second. */
  unwatchAll(): Promise<void>
}

/**
 * The same store, powers and all, that tells when a session ends: so that a socket or a stream of events that was opened for it can be closed.
 *
 * @throws {TypeError} naming the option that is wrong.
 *
 * @example
 * const store = watched(redisStore({ client }), { notifications })
 * const stop = store.watch(session.id, () => socket.close())
 */
export function watched<S extends AnyStore>(
  store: S,
  options: WatchedOptions = {},
): Wrapped<S> & Watching {
  const { channel, recheck, notifications, onError } = checked(options)
  const pause = recheck * 1000
  const watches = new Watches({
    read: (id) => store.read(id, { authoritative: true }),
    failed: report,
  })
  let subscription: Promise<() => unknown> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function report(error: unknown): void {
    try {
      onError(error)
    } catch {
      // Nobody is there to be told of it.
    }
  }

  const lookAtAll = (): void => void watches.lookAtAll(pause)

  // What ended before we listened was not heard, so it is looked at once more.
  function subscribe(): void {
    if (!notifications || subscription) return
    const hear = (id: string): void => watches.end(id, 'revoked')
    const asked = (async () => notifications.subscribe(channel, hear, lookAtAll))()
    subscription = asked
    asked.then(lookAtAll, (error) => {
      if (subscription === asked) subscription = undefined
      report(error)
    })
  }

  async function leave(ended: Promise<() => unknown>): Promise<void> {
    const left = ended.then(
      (unsubscribe) => unsubscribe?.(),
      () => {},
    )
    let late: ReturnType<typeof setTimeout> | undefined
    const limit = new Promise<void>((resolve) => {
      late = unref(setTimeout(() => resolve(void left.catch(report)), BEFORE_LEAVING))
    })
    await Promise.race([left, limit]).finally(() => clearTimeout(late))
  }

  async function tell(id: string): Promise<void> {
    watches.end(id, 'revoked')
    try {
      await notifications?.publish(channel, id)
    } catch (error) {
      report(error)
    }
  }

  function schedule(): void {
    timer ??= unref(setTimeout(recheckAll, pause))
  }

  async function recheckAll(): Promise<void> {
    if (!watches.size) {
      timer = undefined
      return
    }
    const own = timer
    subscribe()
    await watches.lookAtAll(pause)
    if (timer !== own) return
    timer = undefined
    schedule()
  }

  const verbs: Partial<Store> = {
    async update(record, expiresAt) {
      const answer = await store.update(record, expiresAt)
      if (answer === 'updated') watches.see(record)
      return answer
    },
    // The answer waits for nobody: the session has ended, whether or not others can be told.
    async delete(id) {
      const answer = await store.delete(id)
      void tell(id)
      return answer
    },
  }

  return withMembers(wrapped(store, { ...verbs }), {
    watch(id, listener) {
      const stop = watches.add(id, listener)
      subscribe()
      schedule()
      return stop
    },
    async unwatchAll() {
      watches.clear()
      clearTimeout(timer)
      timer = undefined
      const ended = subscription
      subscription = undefined
      if (ended) await leave(ended)
    },
  } satisfies Watching)
}

function withMembers<T extends object, M extends object>(target: T, members: M): T & M {
  const has = (key: string | symbol): key is keyof M & (string | symbol) =>
    Object.hasOwn(members, key)
  return new Proxy(target, {
    get: (_, key) => Reflect.get(has(key) ? members : target, key),
    has: (_, key) => has(key) || Reflect.has(target, key),
    ownKeys: () => [...new Set([...Reflect.ownKeys(target), ...Reflect.ownKeys(members)])],
    getOwnPropertyDescriptor: (_, key) =>
      Reflect.getOwnPropertyDescriptor(has(key) ? members : target, key),
  }) as T & M
}

function checked({
  channel = 'sojourn:ended',
  recheck = 60,
  notifications,
  onError = () => {},
}: WatchedOptions) {
  if (typeof channel !== 'string' || !channel) {
    throw new TypeError(`"channel" must be a text, got ${JSON.stringify(channel)}`)
  }
  // What a timer can wait for.
  if (!(Number.isSafeInteger(recheck) && recheck >= 1 && recheck <= 2_000_000)) {
    throw new TypeError(`"recheck" must be whole seconds from 1 to 2000000, got ${recheck}`)
  }
  const { publish, subscribe } = notifications ?? { publish() {}, subscribe() {} }
  if (typeof publish !== 'function' || typeof subscribe !== 'function') {
    throw new TypeError('"notifications" must have publish and subscribe')
  }
  if (typeof onError !== 'function') {
    throw new TypeError(`"onError" must be a function, got ${typeof onError}`)
  }
  return { channel, recheck, notifications, onError }
}
