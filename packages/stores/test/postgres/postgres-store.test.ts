import { PGlite } from '@electric-sql/pglite'
import type { SessionRecord } from '@sojourn/core'
import { clock as startClock } from '@sojourn/core/testing'
import { type PostgresStoreOptions, postgresStore } from '@sojourn/stores/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'

const MINUTE = 60_000
let database: PGlite
beforeAll(async () => {
  database = await PGlite.create()
})
afterAll(() => database.close())

/** A store on a table of its own unless told otherwise, and how to look into the database. */
let tables = 0
async function setup(options: Partial<PostgresStoreOptions> = {}) {
  const clock = startClock()
  const table = `t${++tables}`
  const store = postgresStore({ database, table, clock, ...options })
  await store.migrate()
  const until = () => clock() + 30 * MINUTE
  return {
    store,
    table,
    clock,
    until,
    async keep(facts: Partial<SessionRecord> = {}): Promise<SessionRecord> {
      const record = sample(clock(), facts)
      expect(await store.create(record, until())).toBe(true)
      return record
    },
  }
}

async function rows(text: string): Promise<unknown[]> {
  return (await database.query(text)).rows
}

const NAMES = [
  'select',
  'two words',
  "it's",
  'a"b',
  'a.b',
  '"',
  'naïve 🍪',
  '%',
  '$1',
  '$q$',
  'a$q',
  '$',
  '\\',
  'x"; DROP TABLE y; --',
  "'); DROP TABLE y; --",
  'line\nbreak',
  'Mixed Case',
  'é'.repeat(31),
  'x'.repeat(63),
  `${'x'.repeat(62)}y`,
]

describe('a name', () => {
  it.each(NAMES)('is nothing but a name, of a table and of a schema: %s', async (name) => {
    const { store, keep } = await setup({ table: name, schema: name })
    const record = await keep({ subject: 'ada' })
    expect(await store.read(record.id)).toEqual(record)
    expect(await store.list('ada')).toEqual({ records: [record], after: null })
    const found = await database.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [
      name,
    ])
    expect(found.rows).toEqual([{ tablename: name }])
  })

  it('keeps every session of one table, or of one schema, apart from those of another', async () => {
    const places = [{ table: 'one' }, { table: 'two' }, { table: 'one', schema: 'other' }]
    const stores = await Promise.all(places.map(setup))
    for (const { keep } of stores) await keep({ id: 'the same', subject: 'ada' })
    expect(await stores[0]?.store.delete('the same')).toBe(true)
    expect(await stores[0]?.store.list('ada')).toEqual({ records: [], after: null })
    for (const { store } of stores.slice(1)) expect(await store.read('the same')).not.toBeNull()
  })
})

describe('a migration', () => {
  it('changes nothing where all is there', async () => {
    const { store, keep } = await setup()
    const record = await keep()
    await store.migrate()
    expect(await store.read(record.id)).toEqual(record)
  })

  it('leaves nothing behind where it fails', async () => {
    await database.exec(
      'CREATE ROLE starter; GRANT CREATE ON SCHEMA public TO starter; SET ROLE starter',
    )
    try {
      const failing = setup({ schema: 'not allowed' })
      await expect(failing).rejects.toThrow('permission denied for database')
    } finally {
      await database.exec('RESET ROLE')
    }
    expect(await rows(`SELECT FROM pg_namespace WHERE nspname = 'not allowed'`)).toEqual([])
  })

  it('is no use to another table that has the name, and says so', async () => {
    await database.exec('CREATE TABLE mine (id int PRIMARY KEY)')
    const store = postgresStore({ database, table: 'mine' })
    await expect(store.migrate()).rejects.toThrow('column "version" does not exist')
  })

  it('is what is asked for where the table is missing, and what the database says is the cause', async () => {
    const store = postgresStore({ database, table: 'never made' })
    await expect(store.read('x')).rejects.toMatchObject({
      message: 'There is no table "never made": call migrate() once before',
      cause: expect.objectContaining({ code: '42P01' }),
    })
  })
})

describe('a role that owns nothing', () => {
  it('does all that sessions need with four rights on the table, and a migration finds nothing to do', async () => {
    const { store, table, keep, clock, until } = await setup({ schema: 'app' })
    await database.exec(`CREATE ROLE web; GRANT USAGE ON SCHEMA app TO web;
      GRANT SELECT, INSERT, UPDATE, DELETE ON app.${table} TO web; SET ROLE web`)
    try {
      await store.migrate()
      const record = await keep({ subject: 'ada' })
      expect(await store.update({ ...record, version: 2 }, until())).toBe('updated')
      expect(await store.touch(record.id, clock(), until())).toBe(true)
      expect(await store.list('ada')).toMatchObject({ records: [{ version: 2 }] })
      expect(await store.delete(record.id)).toBe(true)
      await keep()
      expect(await store.sweep(until(), 10)).toBe(1)
      await expect(database.query(`TRUNCATE app.${table}`)).rejects.toThrow('permission denied')
    } finally {
      await database.exec('RESET ROLE')
    }
  })
})

describe('the Postgres store', () => {
  it('tells apart ids and subjects that Postgres would refuse', async () => {
    const { store, keep, table } = await setup()
    const odd = ['a\0b', 'a', '\ud800', '\udfff', '\ufffd', JSON.stringify('a\0b'), '"']
    for (const text of odd) await keep({ id: `${text} id`, subject: text, data: { text } })
    for (const text of odd) {
      expect(await store.read(`${text} id`)).toMatchObject({ subject: text, data: { text } })
      expect(await store.list(text)).toMatchObject({ records: [{ id: `${text} id` }] })
    }
    expect(await rows(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: odd.length }])
  })

  it('lists to an end, also where a row holds another session’s record', async () => {
    const { store, keep, table } = await setup()
    const records = await Promise.all([1, 2, 3].map(() => keep({ subject: 'ada' })))
    const [first] = records.map(({ id }) => id).sort()
    await rows(
      `UPDATE "${table}" SET record = jsonb_set(record::jsonb, '{id}', '"${first}"')::text`,
    )
    let pages = 0
    let after: string | null = null
    do {
      after = (await store.list('ada', { after, limit: 1 })).after
    } while (++pages < 10 && after !== null)
    expect(pages).toBe(3)
  })

  it('takes subjects that are longer than an index of Postgres, and tells them apart', async () => {
    const { store, keep } = await setup()
    // Not to be compressed, or they would fit.
    const long = Array.from({ length: 9000 }, (_, n) =>
      String.fromCodePoint(0x4e00 + ((n * n * 7919) % 20_000)),
    )
    const subjects = [long.join(''), long.reverse().join(''), 'x'.repeat(1025), 'x'.repeat(1024)]
    for (const subject of subjects) {
      const record = await keep({ subject })
      expect(await store.list(subject)).toEqual({ records: [record], after: null })
    }
  })

  it('keeps instants with fractions, and those of any clock, as they are', async () => {
    const { store, clock, keep } = await setup()
    for (const instant of [1_767_225_600_000.123, 0.1, -86_400_000, 8.64e15]) {
      clock.set(instant)
      const record = await keep()
      expect(await store.read(record.id)).toEqual(record)
      const expiry = clock() + 30 * MINUTE
      clock.set(expiry)
      expect(await store.read(record.id)).toBeNull()
      expect(await store.sweep(expiry, 10)).toBe(1)
    }
  })

  it('sends a statement again that was taken back because of others, and no other', async () => {
    const { clock } = await setup()
    const failures = [{ code: '40001' }, { code: '40P01' }, { code: '40001' }, { code: '23505' }]
    const sent: string[] = []
    const store = postgresStore({
      async database(text) {
        sent.push(text)
        throw failures[sent.length - 1]
      },
      clock,
    })
    await expect(store.touch('x', clock(), clock())).rejects.toBe(failures[3])
    expect(sent).toHaveLength(4)
    expect(new Set(sent).size).toBe(1)
  })

  it('gives up on a statement that is taken back again and again', async () => {
    let sent = 0
    const error = { code: '40001' }
    const database = () => {
      sent++
      return Promise.reject(error)
    }
    await expect(postgresStore({ database }).read('x')).rejects.toBe(error)
    expect(sent).toBe(100)
  })
})
