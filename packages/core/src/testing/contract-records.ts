import type { JsonObject } from '../json.ts'
import { changed, check, equal, keep, MINUTE, type Row, sample } from './contract-kit.ts'

const HOSTILE: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '../x',
  '/etc/passwd',
  'a:b*',
  'a*',
  '*',
  '%',
  '_',
  "' OR 1=1 --",
  '\0',
  'a\0b',
  'a\r\nb',
  'naïve 🍪',
  '\ud800',
  'x'.repeat(100_000),
]

const DATA: Readonly<Record<string, JsonObject>> = {
  'no data': {},
  'empty lists and objects': { list: [], object: {}, nested: [[], {}], nothing: null },
  'numbers and booleans': {
    numbers: [0, -1.5, 1e21, 5e-324, 2 ** 53 - 1, 1_767_225_600_000],
    booleans: [true, false],
  },
  'text of any script': { 'clé 🗝': 'naïve 日本 🍪 \u2028', rtl: 'שלום', tab: '"\\\n\t' },
  'text that databases dislike': { nul: 'a\0b', half: '\ud800', quote: "'; --" },
  // Parsed, since a literal would set the prototype.
  'keys that objects inherit': JSON.parse(
    '{"__proto__":{"admin":true},"constructor":1,"toString":2,"in":{"__proto__":3}}',
  ),
  'keys that records have': { id: 'x', version: 9, subject: 'y', data: {}, expiresAt: 0 },
  '100 KB of data': { text: 'x'.repeat(100 * 1024) },
}

/** What a store keeps, and what it says of what it does not have. */
export const recordRows: readonly Row[] = [
  {
    name: 'reads null for an id that it does not have',
    async run(bench) {
      equal(await bench.store.read(sample(bench).id), null, 'read of an unknown id')
    },
  },
  {
    name: 'says no to an id that nobody could have, whatever is in it, and does not fail',
    async run(bench) {
      const { store, clock } = bench
      const kept = sample(bench)
      await keep(bench, kept)
      for (const id of HOSTILE) {
        const name = JSON.stringify(id.slice(0, 20))
        const until = clock() + MINUTE
        equal(await store.read(id), null, `read of ${name}`)
        equal(await store.touch(id, clock(), until), false, `touch of ${name}`)
        equal(
          await store.update(sample(bench, { id, version: 2 }), until),
          'missing',
          `update of ${name}`,
        )
        equal(await store.delete(id), false, `delete of ${name}`)
      }
      equal(await store.read(kept.id), kept, 'another record afterwards')
    },
  },
  {
    name: 'tells ids apart that differ in one character, or only in case',
    async run(bench) {
      const id = `${'a'.repeat(30)}-_`
      const start = id.slice(0, 30)
      const ids = [id, id.toUpperCase(), `${start}_-`, `${start}--`, `${start}a_`]
      const records = ids.map((id, index) => sample(bench, { id, data: { index } }))
      await keep(bench, records)
      for (const record of records) equal(await bench.store.read(record.id), record, 'read')
      equal(await bench.store.delete(id), true, 'delete')
      for (const record of records.slice(1)) {
        equal(await bench.store.read(record.id), record, 'read of a like id')
      }
    },
  },
  ...Object.entries(DATA).map(
    ([kind, data]): Row => ({
      name: `gives back the record that was created: ${kind}`,
      async run(bench) {
        const record = sample(bench, { data })
        await keep(bench, record)
        equal(await bench.store.read(record.id), record, 'read after create')
      },
    }),
  ),
  {
    name: 'gives back every fact of a record',
    async run(bench) {
      const at = bench.clock()
      const record = sample(bench, {
        generation: 3,
        graceUntil: at + 30_000,
        createdAt: at - 5 * MINUTE,
        startedAt: at - 4 * MINUTE,
        generatedAt: at - 3 * MINUTE,
        lastSeenAt: at - 1,
        subject: 'user-1',
        authentications: [
          { method: 'password', at: at - 4 * MINUTE },
          { method: 'totp', at },
        ],
        persistent: true,
        device: { label: 'Firefox on Linux', seen: { first: at, last: at } },
      })
      await keep(bench, record)
      equal(await bench.store.read(record.id), record, 'read after create')
    },
  },
  {
    name: 'gives back a record of a newer format as it was, with members that it does not know',
    async run(bench) {
      const future = { ...sample(bench, { format: 2 }), tenant: { name: 'acme' } }
      await keep(bench, future)
      equal(await bench.store.read(future.id), future, 'read after create')
    },
  },
  {
    name: 'refuses to create under an id that is taken, and leaves the record that has it',
    async run(bench) {
      const { store, clock } = bench
      const record = sample(bench)
      await keep(bench, record)
      const other = sample(bench, { id: record.id, data: { mine: true } })
      equal(await store.create(other, clock() + 90 * MINUTE), false, 'create of a taken id')
      equal(await store.read(record.id), record, 'the record')
      clock.advance(30 * 60)
      equal(await store.read(record.id), null, 'the record at its own expiry')
    },
  },
  {
    name: 'copies what goes in, so that changing it afterwards changes nothing',
    async run(bench) {
      const { store, clock } = bench
      const mine = structuredClone(sample(bench)) as Mutable
      const before = structuredClone(mine)
      await keep(bench, mine)
      mine.data.cart.push('coffee')
      equal(await store.read(mine.id), before, 'read after a change of what was created')

      const next = structuredClone(changed(before, { visits: 2 })) as Mutable
      const wanted = structuredClone(next)
      equal(await store.update(next, clock() + MINUTE), 'updated', 'update')
      next.data.cart.push('coffee')
      equal(await store.read(mine.id), wanted, 'read after a change of what was updated')
    },
  },
  {
    name: 'copies what comes out, so that changing it changes nothing',
    async run(bench) {
      const record = sample(bench)
      await keep(bench, record)
      const mine = (await bench.store.read(record.id)) as Mutable
      check(Array.isArray(mine?.data?.cart), 'read gives the record')
      mine.data.cart.push('coffee')
      equal(await bench.store.read(record.id), record, 'read after a change of what was read')
    },
  },
  {
    name: 'deletes once: true, then false, and the record is gone',
    async run(bench) {
      const record = sample(bench)
      await keep(bench, record)
      equal(await bench.store.delete(record.id), true, 'first delete')
      equal(await bench.store.read(record.id), null, 'read after delete')
      equal(await bench.store.delete(record.id), false, 'second delete')
    },
  },
  {
    name: 'deletes the record of that id and no other',
    async run(bench) {
      const [record, other] = [sample(bench), sample(bench)]
      await keep(bench, [record, other])
      await bench.store.delete(record.id)
      equal(await bench.store.read(other.id), other, 'another record')
    },
  },
  {
    name: 'has nothing to delete under an id that it does not have',
    async run(bench) {
      equal(await bench.store.delete(sample(bench).id), false, 'delete of an unknown id')
    },
  },
]

// A record as somebody sees it who overlooks `readonly`.
interface Mutable extends ReturnType<typeof sample> {
  data: JsonObject & { cart: string[] }
}
