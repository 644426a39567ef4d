import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from '@libsql/client'
import type { SqliteDatabase } from '@sojourn/stores/sqlite'
import Libsql from 'libsql'

/** Databases in a folder of their own, which go with it. */
export interface Shelf {
  /** A path that no file has yet. */
  path(): string
  /** Keeps what is to be closed before the files go. */
  keep<D extends { close(): unknown }>(database: D): D
  clear(): void
}

export function shelf(): Shelf {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-sqlite-'))
  const open = new Set<{ close(): unknown }>()
  let count = 0
  return {
    path: () => join(folder, `${++count}.db`),
    keep(database) {
      open.add(database)
      return database
    },
    clear() {
      for (const database of open) if (!isClosed(database)) database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isClosed(database: { close(): unknown; readonly isOpen?: boolean }): boolean {
  return database.isOpen === false
}

/** Every way into SQLite that runs on Node, each to a new database. */
export const databases: Readonly<Record<string, (shelf: Shelf) => SqliteDatabase>> = {
  'node:sqlite, in memory': ({ keep }) => keep(new DatabaseSync(':memory:')),
  'node:sqlite, a file': ({ keep, path }) => keep(new DatabaseSync(path())),
  'node:sqlite, with BigInts in lists': ({ keep }) =>
    keep(new DatabaseSync(':memory:', { readBigInts: true, returnArrays: true })),
  // The interface of better-sqlite3, whose own binary does not come from npm.
  'libsql, a file': ({ keep, path }) => keep(new Libsql(path())),
  '@libsql/client, in memory': ({ keep }) => keep(createClient({ url: 'file::memory:' })),
  '@libsql/client, a file': ({ keep, path }) =>
    keep(createClient({ url: `file:${path()}`, timeout: 5000 })),
  '@libsql/client, with BigInts': ({ keep, path }) =>
    keep(createClient({ url: `file:${path()}`, timeout: 5000, intMode: 'bigint' })),
}
