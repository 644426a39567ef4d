import type { KvStoreOptions } from '@sojourn/cloudflare'
import { type Clock, clock as startClock } from '@sojourn/core/testing'

type Namespace = KvStoreOptions['namespace']

interface Value {
  readonly value: string | null
  readonly metadata: unknown
}

export interface LaggingKv {
  /** Sees every write at once. */
  readonly near: Namespace
  /** Sees a key, there or not there, as it was up to a minute ago, its own writes excepted. */
  readonly far: Namespace
  readonly clock: Clock
  /** The lives in seconds that were asked for. */
  readonly lives: number[]
  /** The keys that were written. */
  readonly written: string[]
}

const LAG = 60_000
const NONE: Value = { value: null, metadata: null }

/** Two places of one namespace. */
export function laggingKv(clock: Clock = startClock()): LaggingKv {
  const kept = new Map<string, Value & { until: number }>()
  const lives: number[] = []
  const written: string[] = []

  function place(lag: number): Namespace {
    const cache = new Map<string, Value & { at: number }>()
    async function getWithMetadata(key: string): Promise<Value> {
      const cached = cache.get(key)
      if (cached && clock() < cached.at + lag) return cached
      const found = kept.get(key)
      const value = found && clock() < found.until ? found : NONE
      cache.set(key, { value: value.value, metadata: value.metadata, at: clock() })
      return value
    }
    return {
      getWithMetadata,
      get: async (key) => (await getWithMetadata(key)).value,
      async put(key, value, { expirationTtl = 60, metadata = null } = {}) {
        lives.push(expirationTtl)
        written.push(key)
        kept.set(key, { value, metadata, until: clock() + expirationTtl * 1000 })
        cache.delete(key)
      },
      async delete(key) {
        kept.delete(key)
        cache.delete(key)
      },
      async list({ prefix, limit }) {
        const keys = [...kept.keys()].filter((key) => key.startsWith(prefix)).sort()
        return { keys: keys.slice(0, limit).map((name) => ({ name })), list_complete: true }
      },
    }
  }
  return { near: place(0), far: place(LAG), clock, lives, written }
}
