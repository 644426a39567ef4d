import type { SessionRecord } from '../record.ts'
import {
  type Bench,
  changed,
  equal,
  idsOf,
  keep,
  listAll,
  listed,
  MINUTE,
  pass,
  type Row,
  sample,
  signedIn,
} from './contract-kit.ts'

// Each of these has been taken for a pattern, a path, a prefix or the same as another.
const SUBJECTS: readonly string[] = [
  '',
  'null',
  '__proto__',
  'constructor',
  'a',
  'A',
  'a ',
  'a:',
  'a:b',
  'a/b',
  '../a',
  '*',
  '%',
  '_',
  "a' OR '1'='1",
  'a\0b',
  'é',
  'e\u0301',
  'naïve 日本 🍪',
  'x'.repeat(1000),
  `${'x'.repeat(1000)}y`,
]

/** What a store with a subject index lists. */
export const indexRows: readonly Row[] = [
  {
    name: 'lists a subject’s records whole, and nobody else’s',
    async run(bench) {
      const mine = [signedIn(bench, 'ada'), signedIn(bench, 'ada')]
      await keep(bench, [...mine, signedIn(bench, 'bob'), sample(bench)])
      const records = await listAll(bench, 'ada')
      equal(byId(records), byId(mine), 'the records')
      equal(await listed(bench, 'nobody'), [], 'the list of a subject without sessions')
    },
  },
  {
    name: 'takes a subject’s name for nothing but a name',
    async run(bench) {
      const records = SUBJECTS.map((subject) => signedIn(bench, subject))
      await keep(bench, [...records, sample(bench)])
      for (const { subject, id } of records) {
        const name = JSON.stringify(subject?.slice(0, 20))
        equal(await listed(bench, subject ?? ''), [id], `the list of ${name}`)
      }
    },
  },
  {
    name: 'lists a session from its sign-in on, under its subject of the moment',
    async run(bench) {
      const { store, clock } = bench
      let record = sample(bench)
      await keep(bench, record)
      for (const subject of ['ada', 'bob', null, 'ada']) {
        record = { ...changed(record, {}), subject }
        equal(await store.update(record, clock() + 30 * MINUTE), 'updated', 'update')
        for (const name of ['ada', 'bob']) {
          const wanted = name === subject ? [record.id] : []
          equal(await listed(bench, name), wanted, `${name}'s list when it is ${subject}'s`)
        }
      }
    },
  },
  {
    name: 'lists what was last written, a touch included',
    async run(bench) {
      const { store, clock } = bench
      const record = signedIn(bench, 'ada')
      await keep(bench, record)
      const next = changed(record, { visits: 2 })
      await store.update(next, clock() + 30 * MINUTE)
      pass(bench)
      await store.touch(record.id, clock(), clock() + 30 * MINUTE)
      const wanted = { ...next, lastSeenAt: clock() }
      equal(await listAll(bench, 'ada'), [wanted], 'the records')
    },
  },
  {
    name: 'changes no list by an update or a create that it refuses',
    async run(bench) {
      const { store, clock } = bench
      const record = signedIn(bench, 'ada')
      await keep(bench, record)
      const until = clock() + 30 * MINUTE
      await store.update({ ...record, subject: 'eve' }, until)
      await store.create({ ...record, subject: 'eve' }, until)
      await store.update({ ...signedIn(bench, 'eve'), version: 2 }, until)
      equal(await listed(bench, 'eve'), [], 'the list of a subject that nothing was written for')
      equal(await listed(bench, 'ada'), [record.id], 'the list of the one there is')
    },
  },
  {
    name: 'does not list what was deleted',
    async run(bench) {
      const [kept, deleted] = [signedIn(bench, 'ada'), signedIn(bench, 'ada')]
      await keep(bench, [kept, deleted])
      await bench.store.delete(deleted.id)
      equal(await listed(bench, 'ada'), [kept.id], 'the list')
    },
  },
  {
    name: 'does not list what has expired, and lists what was touched in time',
    async run(bench) {
      const { store, clock } = bench
      const long = signedIn(bench, 'ada')
      const touched = signedIn(bench, 'ada')
      await keep(bench, long, 60)
      await keep(bench, [touched, signedIn(bench, 'ada')], 10)
      pass(bench)
      await store.touch(touched.id, clock(), clock() + 30 * MINUTE)
      clock.advance(10 * 60)
      equal(await listed(bench, 'ada'), idsOf([long, touched]), 'the list')
    },
  },
  {
    name: 'does not list a record for the subject of an expired one that had its id',
    async run(bench) {
      const old = signedIn(bench, 'ada')
      await keep(bench, old)
      bench.clock.advance(30 * 60)
      await keep(bench, { ...signedIn(bench, 'bob'), id: old.id })
      equal(await listed(bench, 'ada'), [], 'the list of the former subject')
      equal(await listed(bench, 'bob'), [old.id], 'the list of the new one')
    },
  },
  {
    name: 'copies what it lists, so that changing it changes nothing',
    async run(bench) {
      const record = signedIn(bench, 'ada')
      await keep(bench, record)
      const [mine] = (await listAll(bench, 'ada')) as { data: { cart?: string[] } }[]
      mine?.data.cart?.push('coffee')
      equal(await bench.store.read(record.id), record, 'read after a change of what was listed')
    },
  },
  {
    name: 'lists at most 100 a page unless asked otherwise',
    async run(bench) {
      const records = await many(bench, 101)
      equal(await listed(bench, 'ada'), idsOf(records), 'all pages together')
    },
  },
  {
    name: 'pages through 250 records without loss or repetition',
    async run(bench) {
      const records = await many(bench, 250)
      for (const limit of [1000, 250, 249, 40]) {
        const found = idsOf(await listAll(bench, 'ada', limit))
        equal(found, idsOf(records), `all pages of ${limit}`)
      }
    },
  },
  {
    name: 'pages without loss or repetition while sessions are deleted between pages',
    async run(bench) {
      const records = await many(bench, 250)
      const left = new Set(records.map(({ id }) => id))
      const found = await listAll(bench, 'ada', 20, async (page) => {
        // The last, to which `after` may refer, the first, and one that may be yet to come.
        const seen = [page.records.at(-1)?.id, page.records[0]?.id]
        const other = [...left].find((id) => !seen.includes(id))
        for (const id of new Set([...seen, other])) {
          if (id !== undefined && left.delete(id)) await bench.store.delete(id)
        }
      })
      const ids = idsOf(found)
      equal(ids.length, new Set(ids).size, 'ids without repetition')
      const missed = [...left].filter((id) => !ids.includes(id))
      equal(missed, [], 'live sessions that were on no page')
    },
  },
]

async function many(bench: Bench, count: number): Promise<SessionRecord[]> {
  const records = Array.from({ length: count }, () => signedIn(bench, 'ada'))
  await keep(bench, records)
  return records
}

function byId(records: readonly SessionRecord[]): Record<string, SessionRecord> {
  return Object.fromEntries(records.map((record) => [record.id, record]))
}
