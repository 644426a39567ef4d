/**
 * Sessions in SQLite.
 *
 * @module
 */
export type { ConnectionDatabase, D1Database, LibsqlDatabase, SqliteDatabase } from './database.ts'
export { type SqliteStore, type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts'
