import { DatabaseSync } from 'node:sqlite'
import { memoryStore } from '@sojourn/core'
import { type Clock, storeContract } from '@sojourn/core/testing'
import { encrypted } from '@sojourn/stores/encrypted'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { describe, it } from 'vitest'

describe.each([
  ['the memory store', (clock: Clock) => memoryStore({ clock })],
  ['SQLite', (clock: Clock) => sqliteStore({ database: new DatabaseSync(':memory:'), clock })],
])('sealed, %s keeps the whole contract:', (_, create) => {
  const cases = storeContract(
    ({ clock }) => encrypted(create(clock), 'a key of 32 bytes and a few more'),
    { list: true, sweep: true },
  )
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})
