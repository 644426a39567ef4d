import { memoryStore } from '@sojourn/core'
import type { Keeping } from '../peer.ts'
import { probeStore } from './probe-store.ts'

export async function storeFor(keeping: Keeping) {
  if (keeping.kind === 'memory')
    return {
      store: memoryStore({ maxSessions: 1_000_000, maxBytes: 2 ** 30 }),
      close: async () => {},
    }
  if (keeping.kind === 'probe') return { store: probeStore(keeping.probe), close: async () => {} }
  // Who keeps sessions in memory does not load a client for Redis.
  const { createClient } = await import('redis')
  const { redisStore } = await import('@sojourn/stores/redis')
  const client = createClient({ url: keeping.url })
  await client.connect()
  return { store: redisStore({ client }), close: async () => void (await client.close()) }
}
