import { changed, equal, keep, MINUTE, pass, type Row, sample } from './contract-kit.ts'

/** What `update` and `touch` do, and what they must not. */
export const writeRows: readonly Row[] = [
  {
    name: 'updates a record from the version before',
    async run(bench) {
      const { store, clock } = bench
      const first = sample(bench)
      await keep(bench, first)
      const second = { ...changed(first, { visits: 2 }), generation: 1, subject: 'user-1' }
      equal(await store.update(second, clock() + 30 * MINUTE), 'updated', 'update')
      equal(await store.read(first.id), second, 'read after update')
      const third = changed(second, { visits: 3 })
      equal(await store.update(third, clock() + 30 * MINUTE), 'updated', 'next update')
      equal(await store.read(first.id), third, 'read after the next update')
    },
  },
  {
    name: 'refuses an update from any other version as stale, and changes nothing',
    async run(bench) {
      const { store, clock } = bench
      const first = sample(bench)
      await keep(bench, first)
      const second = changed(first, { visits: 2 })
      await store.update(second, clock() + 30 * MINUTE)
      for (const version of [0, 1, 2, 4, 20]) {
        const stale = { ...changed(first, { visits: 99 }), version }
        const answer = await store.update(stale, clock() + 90 * MINUTE)
        equal(answer, 'stale', `update of version 2 with version ${version}`)
      }
      equal(await store.read(first.id), second, 'the record')
      clock.advance(30 * 60)
      equal(await store.read(first.id), null, 'the record at its own expiry')
    },
  },
  {
    name: 'never creates by an update: what is not there is missing',
    async run(bench) {
      const { store, clock } = bench
      for (const version of [1, 2]) {
        const record = sample(bench, { version })
        equal(await store.update(record, clock() + MINUTE), 'missing', `update to ${version}`)
        equal(await store.read(record.id), null, 'read after update')
      }
    },
  },
  {
    name: 'never revives a deleted record by an update',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench)
      await keep(bench, record)
      await store.delete(record.id)
      const next = changed(record, { visits: 2 })
      equal(await store.update(next, clock() + MINUTE), 'missing', 'update after delete')
      equal(await store.read(record.id), null, 'read after update')
    },
  },
  {
    name: 'replaces the expiry by an update, be it later or earlier',
    async run(bench) {
      const { store, clock } = bench
      const [later, earlier] = [sample(bench), sample(bench)]
      await keep(bench, [later, earlier])
      await store.update(changed(later, {}), clock() + 60 * MINUTE)
      await store.update(changed(earlier, {}), clock() + 10 * MINUTE)
      clock.advance(10 * 60)
      equal(await store.read(earlier.id), null, 'the one that was to end earlier')
      clock.advance(49 * 60)
      equal(await store.read(later.id), changed(later, {}), 'the one that was to end later')
    },
  },
  {
    name: 'moves lastSeenAt and the expiry by a touch, and nothing else',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench, { subject: 'user-1', generation: 2 })
      await keep(bench, record)
      pass(bench)
      const touched = { ...record, lastSeenAt: clock() }
      equal(await store.touch(record.id, clock(), clock() + 60 * MINUTE), true, 'touch')
      equal(await store.read(record.id), touched, 'read after touch')
      clock.advance(60 * 60 - 0.001)
      equal(await store.read(record.id), touched, 'read before the new expiry')
      clock.advance(0.001)
      equal(await store.read(record.id), null, 'read at the new expiry')
    },
  },
  {
    name: 'moves nothing backwards by a touch that comes late',
    async run(bench) {
      const { store, clock } = bench
      const seen = clock() + 5 * MINUTE
      const record = sample(bench, { lastSeenAt: seen })
      await keep(bench, record, 60)
      pass(bench)
      equal(await store.touch(record.id, seen - MINUTE, clock() + MINUTE), true, 'touch')
      equal(await store.read(record.id), record, 'lastSeenAt')
      clock.advance(2 * 60)
      equal(await store.read(record.id), record, 'the record past the earlier expiry')
    },
  },
  {
    name: 'moves lastSeenAt and the expiry by a touch each for itself',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench)
      await keep(bench, record, 60)
      pass(bench)
      const seen = clock()
      equal(await store.touch(record.id, seen, seen + MINUTE), true, 'touch')
      clock.advance(2 * 60)
      const wanted = { ...record, lastSeenAt: seen }
      equal(await store.read(record.id), wanted, 'the record past the earlier expiry')
    },
  },
  {
    name: 'still accepts an update that is based on the version before a touch',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench)
      await keep(bench, record)
      pass(bench)
      equal(await store.touch(record.id, clock(), clock() + 30 * MINUTE), true, 'touch')
      pass(bench)
      const next = { ...changed(record, { visits: 2 }), lastSeenAt: clock() }
      equal(await store.update(next, clock() + 30 * MINUTE), 'updated', 'update after touch')
      equal(await store.read(record.id), next, 'read after update')
    },
  },
  {
    name: 'never creates or revives by a touch',
    async run(bench) {
      const { store, clock } = bench
      const [unknown, deleted] = [sample(bench), sample(bench)]
      await keep(bench, deleted)
      await store.delete(deleted.id)
      pass(bench)
      for (const { id } of [unknown, deleted]) {
        equal(await store.touch(id, clock(), clock() + MINUTE), false, 'touch')
        equal(await store.read(id), null, 'read after touch')
      }
    },
  },
]
