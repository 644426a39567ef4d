import { storeContract } from '@sojourn/core/testing'
import { type UnstorageStore, unstorageStore } from '@sojourn/stores/unstorage'
import { describe, it } from 'vitest'

/** All of the contract, in two parts: what every store keeps, and what this one keeps within one process only. */
export function contractTests(
  driver: string,
  open: () => Parameters<typeof unstorageStore>[0],
): void {
  const make = ({ clock }: { clock: () => number }): UnstorageStore =>
    unstorageStore({ ...open(), clock })
  const cases = storeContract(make, { list: true, sweep: true })
  const rows = (strong: boolean) =>
    cases.filter((one) => one.strong === strong).map(({ name, run }) => [name, run] as const)

  describe(`the unstorage store on ${driver} keeps what the contract asks of an eventually consistent store:`, () => {
    it.each(rows(false))('%s', (_, run) => run())
  })

  describe(`the unstorage store on ${driver} keeps, within one process, what it asks of a strong one as well:`, () => {
    it.each(rows(true))('%s', (_, run) => run())
  })
}
