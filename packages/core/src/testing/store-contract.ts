import type { Awaitable } from '../provider.ts'
import type { AnyStore } from '../store.ts'
import { type Clock, clock as startClock } from './clock.ts'
import { expiryRows } from './contract-expiry.ts'
import { indexRows } from './contract-index.ts'
import { equal, type Row } from './contract-kit.ts'
import { raceRows } from './contract-races.ts'
import { recordRows } from './contract-records.ts'
import { sweepRows } from './contract-sweep.ts'
import { writeRows } from './contract-writes.ts'

/** One promise that a store keeps, for any test runner. */
export interface ContractCase {
  /** A sentence about the store. */
  readonly name: string
  /** Whether only a strongly consistent store can keep it: leave it out for the others. */
  readonly strong: boolean
  /** Rejects with what was expected and what came instead. */
  run(): Promise<void>
}

/** The further powers that a store has, and so is held to. */
export interface StorePowers {
  /** A subject index. */
  readonly list?: boolean
  /** A sweeper. */
  readonly sweep?: boolean
}

/**
 * The contract of `Store`, as cases. `create` gives an empty store each time, which judges every
 * expiry by this clock. The clock starts at the real time, so that a back end that expires records
 * by its own agrees with it. Cases leave their records behind.
 *
 * @example
 * const cases = storeContract(({ clock }) => memoryStore({ clock }), { list: true, sweep: true })
 * for (const { name, run } of cases) it(name, run)
 */
export function storeContract(
  create: (options: { readonly clock: Clock }) => Awaitable<AnyStore>,
  { list = false, sweep = false }: StorePowers = {},
): readonly ContractCase[] {
  const powers: Row = {
    name: 'says how consistent it is, and has the powers that it is said to have and no others',
    async run({ store }) {
      const known = ['strong', 'eventual'].includes(store.consistency)
      equal(known, true, `whether "${store.consistency}" is "strong" or "eventual"`)
      equal(typeof store.list === 'function', list, 'the power to list')
      equal(typeof store.sweep === 'function', sweep, 'the power to sweep')
    },
  }
  const rows = [
    powers,
    ...recordRows,
    ...writeRows,
    ...expiryRows,
    ...raceRows,
    ...(list ? indexRows : []),
    ...(sweep ? sweepRows : []),
  ]
  return rows.map(({ name, strong = false, run }) => ({
    name,
    strong,
    async run() {
      const clock = startClock(Date.now())
      await run({ store: await create({ clock }), clock })
    },
  }))
}
