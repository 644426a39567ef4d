import { type RedisStore, redisStore } from '@sojourn/stores/redis'
import { createClient } from 'redis'

/** The store of a server, for a process of its own. */
export async function openStore(url = ''): Promise<RedisStore> {
  return redisStore({ client: await createClient({ url }).connect() })
}
