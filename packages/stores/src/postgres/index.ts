/**
 * Sessions in Postgres.
 *
 * @module
 */
export type {
  PostgresDatabase,
  QueryDatabase,
  QueryFunction,
  UnsafeDatabase,
} from './database.ts'
export { type PostgresStore, type PostgresStoreOptions, postgresStore } from './postgres-store.ts'
