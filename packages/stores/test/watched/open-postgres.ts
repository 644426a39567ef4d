import { postgresStore } from '@sojourn/stores/postgres'
import { postgresNotifications } from '@sojourn/stores/watched'
import pg from 'pg'
import type { OpensWatched } from './watcher.process.ts'

/** A Postgres, for a process of its own. */
export const openWatched: OpensWatched['openWatched'] = async (connectionString) => {
  const database = new pg.Pool({ connectionString, max: 2 })
  const listener = (): pg.Client => new pg.Client(connectionString)
  const store = postgresStore({ database })
  await store.migrate()
  return {
    store,
    notifications: postgresNotifications({ database, listener }),
  }
}
