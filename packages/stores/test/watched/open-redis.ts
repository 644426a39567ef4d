import { redisStore } from '@sojourn/stores/redis'
import { redisNotifications } from '@sojourn/stores/watched'
import { createClient } from 'redis'
import type { OpensWatched } from './watcher.process.ts'

/** A Redis, for a process of its own. */
export const openWatched: OpensWatched['openWatched'] = async (url) => {
  const client = await createClient({ url }).connect()
  const subscriber = await client.duplicate().connect()
  return {
    store: redisStore({ client }),
    notifications: redisNotifications({ publisher: client, subscriber }),
  }
}
