import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type SqliteStore, sqliteStore } from '@sojourn/stores/sqlite'

/** What outlives the process. */
export interface Storage {
  readonly store: SqliteStore
  readonly secret: string
  close(): void
}

/** Opens the sessions and the secret of a folder; on the first start, makes them. */
export function openStorage(folder: string): Storage {
  mkdirSync(folder, { recursive: true })
  const secret = secretIn(folder)
  const database = new DatabaseSync(join(folder, 'sessions.db'))
  const store = sqliteStore({ database })
  const sweeping = setInterval(() => {
    store.sweep(Date.now(), 10_000).catch(console.error)
  }, 60_000)
  return {
    store,
    secret,
    close() {
      clearInterval(sweeping)
      database.close()
    },
  }
}

// A shop that is not a demo has its secret from its environment.
function secretIn(folder: string): string {
  const path = join(folder, 'secret')
  try {
    writeFileSync(path, randomBytes(32).toString('base64'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8')
}
