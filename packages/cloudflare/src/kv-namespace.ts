import { SessionError } from '@sojourn/core'
import { checkBinding } from './bindings.ts'

/** What this package calls of a KV namespace. */
export interface KvNamespace {
  get(key: string): Promise<string | null>
  getWithMetadata(key: string): Promise<{ value: string | null; metadata: unknown }>
  put(
    key: string,
    value: string,
    options?: { expirationTtl?: number; metadata?: unknown },
  ): Promise<void>
  delete(key: string): Promise<void>
  list(options: { prefix: string; limit: number; cursor?: string | null }): Promise<{
    keys: readonly { name: string }[]
    list_complete: boolean
    cursor?: string
  }>
}

// KV takes one write per second and key, and refuses shorter lives than a minute.
export const WRITE_INTERVAL = 1000
const LEAST_TTL = 60

/**
 * Refuses what is not a KV namespace.
 *
 * @throws {TypeError} naming the binding that is missing, and the file to add it to.
 */
export function checkKv(namespace: unknown): void {
  checkBinding(namespace, 'getWithMetadata', {
    option: 'namespace',
    name: 'SESSIONS_KV',
    kind: 'a KV namespace',
    entry: '{ "binding": "SESSIONS_KV" } to kv_namespaces',
  })
}

/** The life in seconds to ask of KV for what has so many milliseconds left: never too short. */
export function ttlOf(left: number): number {
  return Math.max(LEAST_TTL, Math.ceil(left / 1000))
}

/**
 * A write that is tried again while KV says that it came too soon after another.
 *
 * @throws {SessionError} when KV still says so after `limit` milliseconds.
 */
export async function persist(write: () => Promise<void>, limit: number): Promise<void> {
  for (let waited = 0; ; waited += WRITE_INTERVAL) {
    try {
      return await write()
    } catch (cause) {
      if (!String(cause).includes('429')) throw cause
      if (waited + WRITE_INTERVAL > limit) {
        const message = `KV accepted no write within ${limit / 1000} s`
        throw new SessionError('ERR_SESSION_STORE', message, { cause })
      }
      await sleep(WRITE_INTERVAL)
    }
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
