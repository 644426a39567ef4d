import type { SessionRecord } from '../record.ts'
import type { AnyStore, Sweeper } from '../store.ts'
import {
  type Bench,
  changed,
  check,
  equal,
  keep,
  MINUTE,
  pass,
  type Row,
  sample,
} from './contract-kit.ts'

/** What a store that sweeps removes. */
export const sweepRows: readonly Row[] = [
  {
    name: 'sweeps what has expired and nothing else, and says how much',
    async run(bench) {
      const { clock } = bench
      const [expired, live] = [await batch(bench, 3, 10), await batch(bench, 3, 60)]
      equal(await sweep(bench, clock(), 100), 0, 'a sweep before anything has expired')
      clock.advance(10 * 60)
      equal(await sweep(bench, clock(), 100), 3, 'the first sweep')
      equal(await sweep(bench, clock(), 100), 0, 'the second sweep')
      await present(bench, live)
      for (const { id } of expired) equal(await bench.store.read(id), null, 'an expired one')
    },
  },
  {
    name: 'sweeps what expired until the given instant, that instant included',
    async run(bench) {
      const { clock } = bench
      await batch(bench, 1, 10)
      await batch(bench, 1, 20)
      const start = clock()
      clock.advance(30 * 60)
      equal(await sweep(bench, start + 10 * MINUTE - 1, 100), 0, 'a sweep 1 ms before')
      equal(await sweep(bench, start + 10 * MINUTE, 100), 1, 'a sweep up to the first expiry')
      equal(await sweep(bench, start + 20 * MINUTE, 100), 1, 'a sweep up to the second expiry')
    },
  },
  {
    name: 'sweeps at most as many as it is told, and the rest the next time',
    async run(bench) {
      const { clock } = bench
      await batch(bench, 5, 10)
      const live = await batch(bench, 1, 60)
      clock.advance(10 * 60)
      equal(await sweep(bench, clock(), 2), 2, 'the first sweep of 2')
      equal(await sweep(bench, clock(), 2), 2, 'the second sweep of 2')
      equal(await sweep(bench, clock(), 2), 1, 'the third sweep of 2')
      await present(bench, live)
    },
  },
  {
    name: 'sweeps by the expiry that the last update or touch has set',
    async run(bench) {
      const { store, clock } = bench
      const [touched, later, earlier] = [sample(bench), sample(bench), sample(bench)]
      await keep(bench, [touched, later, earlier], 10)
      pass(bench)
      await store.touch(touched.id, clock(), clock() + 60 * MINUTE)
      await store.update(changed(later, {}), clock() + 60 * MINUTE)
      await store.update(changed(earlier, {}), clock() + MINUTE)
      clock.advance(60)
      equal(await sweep(bench, clock(), 100), 1, 'a sweep when the earlier has expired')
      clock.advance(20 * 60)
      equal(await sweep(bench, clock(), 100), 0, 'a sweep past the first expiry of the others')
      equal((await store.read(touched.id))?.id, touched.id, 'the touched one')
      equal((await store.read(later.id))?.id, later.id, 'the updated one')
    },
  },
  {
    name: 'counts a record once when two sweep at the same time',
    strong: true,
    async run(bench) {
      const { clock } = bench
      await batch(bench, 10, 10)
      const live = await batch(bench, 3, 60)
      clock.advance(10 * 60)
      const swept = await Promise.all([sweep(bench, clock(), 8), sweep(bench, clock(), 8)])
      for (const count of swept) check(count <= 8, `a sweep of 8 removed ${count}`)
      const rest = await sweep(bench, clock(), 100)
      equal(
        [...swept, rest].reduce((sum, count) => sum + count),
        10,
        'all sweeps together',
      )
      await present(bench, live)
    },
  },
]

async function batch(bench: Bench, count: number, minutes: number): Promise<SessionRecord[]> {
  const records = Array.from({ length: count }, () => sample(bench, { subject: 'ada' }))
  await keep(bench, records, minutes)
  return records
}

async function sweep({ store }: Bench, before: number, limit: number): Promise<number> {
  return (store as AnyStore & Sweeper).sweep(before, limit)
}

async function present({ store }: Bench, records: readonly SessionRecord[]): Promise<void> {
  for (const record of records) equal(await store.read(record.id), record, 'a live one')
}
