import { storeContract } from '@sojourn/core/testing'
import { type PostgresDatabase, postgresStore } from '@sojourn/stores/postgres'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { clients, type Opened } from './clients.ts'

let tables = 0

/** Every row of the contract, each on a table of its own. */
export function keepsTheContract(database: () => PostgresDatabase): void {
  const cases = storeContract(
    async ({ clock }) => {
      const store = postgresStore({ database: database(), table: `sessions ${++tables}`, clock })
      await store.migrate()
      return store
    },
    { list: true, sweep: true },
  )
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
}

/** The same through clients of a server. */
export function throughClients(names: readonly string[], url: () => string): void {
  describe.each(names)('%s:', (name) => {
    let opened: Opened | undefined
    beforeAll(async () => {
      opened = await clients[name]?.(url())
    })
    afterAll(() => opened?.close())
    keepsTheContract(() => opened?.database as PostgresDatabase)
  })
}
