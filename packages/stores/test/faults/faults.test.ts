import { DatabaseSync } from 'node:sqlite'
import { metered } from '@sojourn/stores/metered'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterEach, describe, it } from 'vitest'
import { playAny } from '../../../core/test/faults/runs.ts'

// Minutes, for who asks for thousands of programs.
const timeout = 600_000
const databases: DatabaseSync[] = []

afterEach(() => {
  for (const database of databases.splice(0)) database.close()
})

function newStore() {
  // The one before has had its program.
  for (const done of databases.splice(0)) done.close()
  const database = new DatabaseSync(':memory:')
  databases.push(database)
  return sqliteStore({ database })
}

describe('whatever a store fails at, what it acknowledged holds, and the next request works', () => {
  it('with a SQLite store', () => playAny(200, { newStore }), timeout)

  it(
    'with a meter between the faults and the sessions',
    async () => {
      await playAny(200, { newStore, wrapStore: (store) => metered(store, () => {}) })
    },
    timeout,
  )
})
