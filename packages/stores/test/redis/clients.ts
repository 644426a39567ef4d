import type { RedisClient } from '@sojourn/stores/redis'
import { Redis as Redis5 } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { createClient } from 'redis'

/** A client that is connected, and how it is let go. */
export interface Connected {
  readonly client: RedisClient
  close(): unknown
}

/** Every client of a single server. */
export const clients: Readonly<Record<string, (url: string) => Promise<Connected>>> = {
  async 'node-redis 6, RESP3'(url) {
    const client = await createClient({ url, RESP: 3 }).connect()
    return { client, close: () => client.destroy() }
  },
  async 'node-redis 6, RESP2'(url) {
    const client = await createClient({ url, RESP: 2 }).connect()
    return { client, close: () => client.destroy() }
  },
  async 'ioredis 5'(url) {
    const client = new Redis5(url)
    return { client, close: () => client.disconnect() }
  },
  async 'ioredis 6'(url) {
    const client = new Redis6(url)
    return { client, close: () => client.disconnect() }
  },
}
