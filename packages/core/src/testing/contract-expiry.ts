import { changed, equal, keep, MINUTE, pass, type Row, sample } from './contract-kit.ts'

/** When records end. */
export const expiryRows: readonly Row[] = [
  {
    name: 'has a record until the last millisecond, and not at its expiry',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench)
      equal(await store.create(record, clock() + 90_123), true, 'create')
      clock.advance(90.122)
      equal(await store.read(record.id), record, 'read 1 ms before the expiry')
      clock.advance(0.001)
      equal(await store.read(record.id), null, 'read at the expiry')
    },
  },
  {
    name: 'updates, touches and deletes a record until the last millisecond',
    async run(bench) {
      const { store, clock } = bench
      const records = [sample(bench), sample(bench), sample(bench)] as const
      await keep(bench, records, 30)
      clock.advance(30 * 60 - 0.001)
      const until = clock() + MINUTE
      equal(await store.update(changed(records[0], {}), until), 'updated', 'update')
      equal(await store.touch(records[1].id, clock(), until), true, 'touch')
      equal(await store.delete(records[2].id), true, 'delete')
      clock.advance(1)
      equal(await store.read(records[0].id), changed(records[0], {}), 'the updated one')
      equal((await store.read(records[1].id))?.id, records[1].id, 'the touched one')
    },
  },
  ...(['update', 'touch', 'delete'] as const).map(
    (verb): Row => ({
      name: `has nothing to ${verb} once a record has expired, and does not revive it`,
      async run(bench) {
        const { store, clock } = bench
        const record = sample(bench)
        await keep(bench, record)
        clock.advance(30 * 60)
        const until = clock() + 30 * MINUTE
        if (verb === 'update') {
          equal(await store.update(changed(record, {}), until), 'missing', 'update')
        } else if (verb === 'touch') {
          equal(await store.touch(record.id, clock(), until), false, 'touch')
        } else {
          equal(await store.delete(record.id), false, 'delete')
        }
        equal(await store.read(record.id), null, 'read afterwards')
      },
    }),
  ),
  {
    name: 'creates under the id of a record that has expired',
    async run(bench) {
      const { store, clock } = bench
      const old = sample(bench)
      await keep(bench, old)
      clock.advance(30 * 60)
      const record = sample(bench, { id: old.id, data: { fresh: true } })
      await keep(bench, record)
      equal(await store.read(old.id), record, 'read after create')
    },
  },
  {
    name: 'keeps each record to its own expiry',
    async run(bench) {
      const { store, clock } = bench
      const [short, long] = [sample(bench), sample(bench)]
      await keep(bench, short, 2)
      await keep(bench, long, 60)
      clock.advance(2 * 60)
      equal(await store.read(short.id), null, 'the short one')
      equal(await store.read(long.id), long, 'the long one')
    },
  },
  {
    name: 'keeps a record for 400 days',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench)
      await keep(bench, record, 400 * 24 * 60)
      // A timer of more than 2^31 milliseconds goes off at once.
      await new Promise((resolve) => setTimeout(resolve, 2))
      clock.advance(399 * 86_400)
      pass(bench)
      equal(await store.read(record.id), record, 'read on day 399')
    },
  },
]
