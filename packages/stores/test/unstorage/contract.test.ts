import { storeContract } from '@sojourn/core/testing'
import { unstorageStore } from '@sojourn/stores/unstorage'
import { afterAll, describe, it } from 'vitest'
import { shelf, storages } from './storages.ts'

describe.each(Object.entries(storages))('the unstorage store on %s', (_, open) => {
  const left = shelf()
  afterAll(() => left.clear())
  const cases = storeContract(({ clock }) => unstorageStore({ storage: open(left), clock }), {
    list: true,
    sweep: true,
  })
  const rows = (strong: boolean) =>
    cases.filter((one) => one.strong === strong).map(({ name, run }) => [name, run] as const)

  describe('keeps what the contract asks of an eventually consistent store:', () => {
    it.each(rows(false))('%s', (_, run) => run())
  })

  // Between processes it does not, see docs/stores.md.
  describe('keeps, within one process, what it asks of a strong one as well:', () => {
    it.each(rows(true))('%s', (_, run) => run())
  })
})
