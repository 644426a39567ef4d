import { DatabaseSync } from 'node:sqlite'
import { type SqliteStore, sqliteStore } from '@sojourn/stores/sqlite'

/** The store of a file, for a process of its own. */
export function openStore(path = ''): SqliteStore {
  return sqliteStore({ database: new DatabaseSync(path) })
}
