import type { SessionRecord } from '../record.ts'
import {
  type Bench,
  changed,
  check,
  equal,
  keep,
  MINUTE,
  type Row,
  sample,
  ticks,
} from './contract-kit.ts'

const ROUNDS = 40

/** What holds whoever else is at work. */
export const raceRows: readonly Row[] = [
  {
    name: 'lets one of two simultaneous updates of a version win, and tells the other',
    strong: true,
    async run(bench) {
      const { store, clock } = bench
      for (let round = 0; round < ROUNDS; round++) {
        const record = sample(bench)
        await keep(bench, record)
        const next = ['a', 'b'].map((by) => changed(record, { by }))
        const answers = await Promise.all(
          next.map(async (one, index) => {
            await ticks(index * round)
            return store.update(one, clock() + 30 * MINUTE)
          }),
        )
        equal([...answers].sort(), ['stale', 'updated'], 'the two answers')
        const winner = next[answers.indexOf('updated')]
        equal(await store.read(record.id), winner, 'read after both')
      }
    },
  },
  {
    name: 'loses no update of writers that try again: 20 increments count 20',
    strong: true,
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench, { data: { count: 0 } })
      await keep(bench, record)
      async function increment(): Promise<void> {
        for (let attempt = 0; attempt < 100; attempt++) {
          const base = (await store.read(record.id)) ?? record
          const { count } = base.data
          const next = changed(base, { count: Number(count) + 1 })
          const answer = await store.update(next, clock() + 30 * MINUTE)
          if (answer !== 'stale') return equal(answer, 'updated', 'update')
        }
        check(false, 'an update was stale 100 times')
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      const { data, version } = (await store.read(record.id)) ?? record
      equal({ data, version }, { data: { count: 20 }, version: 21 }, 'the record')
    },
  },
  {
    name: 'lets one of 20 simultaneous creates of an id win, and keeps its record',
    strong: true,
    async run(bench) {
      const { store, clock } = bench
      const { id } = sample(bench)
      const records = Array.from({ length: 20 }, (_, by) => sample(bench, { id, data: { by } }))
      const answers = await Promise.all(
        records.map((record) => store.create(record, clock() + 30 * MINUTE)),
      )
      equal(answers.filter(Boolean).length, 1, 'creates that were acknowledged')
      equal(await store.read(id), records[answers.indexOf(true)], 'read after all')
    },
  },
  {
    name: 'never has a record after its delete, whatever update was under way',
    strong: true,
    run: (bench) =>
      raceDelete(bench, ({ store, clock }, record) =>
        store.update(changed(record, { late: true }), clock() + 30 * MINUTE),
      ),
  },
  {
    name: 'never has a record after its delete, whatever touch was under way',
    strong: true,
    run: (bench) =>
      raceDelete(bench, ({ store, clock }, record) =>
        store.touch(record.id, clock() + 1, clock() + 60 * MINUTE),
      ),
  },
  {
    name: 'keeps both an update and a touch that come at the same moment',
    strong: true,
    async run(bench) {
      const { store, clock } = bench
      for (let round = 0; round < ROUNDS; round++) {
        const record = sample(bench)
        await keep(bench, record)
        clock.advance(Math.max(60, (store.leastTouchInterval ?? 0) / 1000))
        const next = { ...changed(record, { visits: 2 }), lastSeenAt: clock() }
        const until = clock() + 30 * MINUTE
        const answers = await overlap(
          round,
          () => store.update(next, until),
          () => store.touch(record.id, clock(), until),
        )
        equal(answers, ['updated', true], 'the answers of update and touch')
        equal(await store.read(record.id), next, 'read after both')
      }
    },
  },
]

async function raceDelete(
  bench: Bench,
  write: (bench: Bench, record: SessionRecord) => unknown,
): Promise<void> {
  const { store } = bench
  for (let round = 0; round < ROUNDS; round++) {
    const record = sample(bench)
    await keep(bench, record)
    const [, deleted] = await overlap(
      round,
      () => write(bench, record),
      () => store.delete(record.id),
    )
    equal(deleted, true, 'delete of a live record')
    equal(await store.read(record.id), null, 'read after delete')
  }
}

// Starts both, now the one first and now the other, further apart from round to round.
async function overlap(
  round: number,
  one: () => unknown,
  other: () => unknown,
): Promise<[unknown, unknown]> {
  const late = round >> 1
  async function start(go: () => unknown, wait: number): Promise<unknown> {
    await ticks(wait)
    return go()
  }
  return Promise.all(
    round % 2 ? [start(one, late), start(other, 0)] : [start(one, 0), start(other, late)],
  )
}
