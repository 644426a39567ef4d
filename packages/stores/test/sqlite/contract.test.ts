import { storeContract } from '@sojourn/core/testing'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, it } from 'vitest'
import { databases, shelf } from './databases.ts'

describe.each(Object.entries(databases))('the SQLite store keeps the contract: %s:', (_, open) => {
  const files = shelf()
  afterAll(() => files.clear())
  const cases = storeContract(({ clock }) => sqliteStore({ database: open(files), clock }), {
    list: true,
    sweep: true,
  })
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})
