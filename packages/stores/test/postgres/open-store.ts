import { type PostgresStore, postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'

/** The store of a server at an address, for a process of its own. */
export function openStore(connectionString = ''): PostgresStore {
  return postgresStore({ database: new pg.Pool({ connectionString, max: 2 }) })
}
