import { DatabaseSync } from 'node:sqlite'
import { memoryStore } from '@sojourn/core'
import { type Clock, delayed, storeContract } from '@sojourn/core/testing'
import { cached } from '@sojourn/stores/cached'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { describe, it } from 'vitest'

// Within one process nothing of the contract is lost: what a process writes is what it reads.
describe.each([
  ['the memory store', (clock: Clock) => memoryStore({ clock })],
  ['a store behind a network', (clock: Clock) => delayed(memoryStore({ clock }))],
  ['SQLite', (clock: Clock) => sqliteStore({ database: new DatabaseSync(':memory:'), clock })],
])('cached, %s keeps the whole contract in one process:', (_, create) => {
  const cases = storeContract(({ clock }) => cached(create(clock), { staleFor: 60, clock }), {
    list: true,
    sweep: true,
  })
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})
