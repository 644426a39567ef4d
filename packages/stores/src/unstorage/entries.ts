import { SessionError } from '@sojourn/core'
import { fromText, toText } from './text.ts'

/** What the store calls of an unstorage `Storage`, be it of `createStorage` or `prefixStorage`. */
export interface UnstorageStorage {
  getItem(key: string): Promise<unknown>
  setItem(key: string, value: string, options?: { ttl?: number }): Promise<void>
  removeItem(key: string): Promise<void>
  getKeys?(base: string): Promise<string[]>
}

/** Values under keys, as JSON. */
export interface Entries {
  /** The value; `null`: there is none. Rejects when what is there was not written by `put`. */
  get<T>(key: string): Promise<T | null>
  /** Whether there is anything, be it only half written. */
  has(key: string): Promise<boolean>
  /** `life`: for how many milliseconds it is needed. A driver that knows of lives keeps it for no less. */
  put(key: string, value: object, life: number): Promise<void>
  remove(key: string): Promise<void>
  /** The keys that begin with `base` and a colon. */
  list(base: string): Promise<string[]>
}

// In milliseconds. Another process that writes a file has long finished after all of them.
const PAUSE = 10
const ATTEMPTS = 6
const DAY = 86_400_000

/**
 * Refuses what is not a storage, and asks it nothing.
 *
 * @throws {TypeError} naming the option.
 */
export function checkStorage(storage: unknown): void {
  const members = storage as Partial<Record<string, unknown>> | null | undefined
  for (const name of ['getItem', 'setItem', 'removeItem']) {
    if (typeof members?.[name] === 'function') continue
    const got = typeof storage === 'string' ? `"${storage}"` : typeof storage
    throw new TypeError(`"storage" must be a storage of unstorage’s createStorage, got ${got}`)
  }
}

/** What is in a storage. `probe`: a key of no use to anybody else. */
export function entriesOf(storage: UnstorageStorage, probe: string): Entries {
  let lists = false

  async function ask(key: string): Promise<unknown> {
    const value = (await storage.getItem(key)) ?? null
    // The fs drivers give back what others throw.
    if (value instanceof Error) throw value
    return value
  }

  /** Some drivers that cannot list say that there are no keys: only one that shows a key which is there is believed. */
  async function proveListing(): Promise<void> {
    await put(`${probe}:key`, {}, DAY)
    let cause: unknown
    try {
      lists = (await keys(probe)).length > 0
    } catch (error) {
      cause = error
    }
    if (lists) return
    const message = 'The unstorage driver cannot list its keys, so there is no index of subjects'
    throw new SessionError('ERR_SESSION_INDEX', message, { cause })
  }

  async function keys(base: string): Promise<string[]> {
    if (!storage.getKeys) throw new TypeError('"storage" has no getKeys')
    const all = await storage.getKeys(base)
    // Redis may say a key twice.
    return [...new Set(all)].filter((key) => key.startsWith(`${base}:`))
  }

  async function put(key: string, value: object, life: number): Promise<void> {
    const ttl = Math.max(1, Math.ceil(life / 1000))
    await storage.setItem(key, toText(value), Number.isFinite(ttl) ? { ttl } : {})
  }

  return {
    async get<T>(key: string): Promise<T | null> {
      for (let attempt = 1; ; attempt++) {
        const text = await ask(key)
        if (text === null) return null
        const value = fromText(text)
        if (value !== undefined) return value as T
        if (attempt === ATTEMPTS) throw new Error(`What is under ${key} is not the store’s`)
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
      }
    },
    async has(key) {
      return (await ask(key)) !== null
    },
    put,
    async remove(key) {
      await storage.removeItem(key)
    },
    async list(base) {
      if (!lists) await proveListing()
      return keys(base)
    },
  }
}
