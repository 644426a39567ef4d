import { DatabaseSync } from 'node:sqlite'
import type { SessionRecord, SubjectPage } from '@sojourn/core'
import { clock as startClock } from '@sojourn/core/testing'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { shelf } from './databases.ts'

const MINUTE = 60_000
const files = shelf()
afterAll(() => files.clear())

/** A store on a connection of its own to a file, and how to look into it. */
function setup(path = files.path(), table?: string) {
  const clock = startClock()
  const database = files.keep(new DatabaseSync(path))
  const store = sqliteStore({ database, clock, ...(table === undefined ? {} : { table }) })
  const until = () => clock() + 30 * MINUTE
  return {
    path,
    clock,
    database,
    store,
    until,
    keep(facts: Partial<SessionRecord> = {}): SessionRecord {
      const record = sample(clock(), facts)
      expect(store.create(record, until())).toBe(true)
      return record
    },
    pragma: (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0],
  }
}

describe('the SQLite store', () => {
  it('answers at once where the database does', () => {
    const { store, keep, clock, until } = setup()
    const record = keep({ subject: 'ada' })
    expect(store.read(record.id)).toEqual(record)
    expect(store.update({ ...record, version: 2 }, until())).toBe('updated')
    expect(store.update({ ...record, version: 2 }, until())).toBe('stale')
    expect(store.touch(record.id, clock(), until())).toBe(true)
    expect(store.list('ada')).toMatchObject({ records: [{ version: 2 }], after: null })
    expect(store.delete(record.id)).toBe(true)
    expect(store.update({ ...record, version: 3 }, until())).toBe('missing')
  })

  it('has sessions again after a restart', () => {
    const first = setup()
    const record = first.keep()
    first.database.close()
    const second = setup(first.path)
    expect(second.store.read(record.id)).toEqual(record)
  })

  it('keeps every session of one table apart from those of another', () => {
    const path = files.path()
    const [here, there] = [setup(path), setup(path, 'others')]
    const record = here.keep({ subject: 'ada' })
    expect(there.store.read(record.id)).toBeNull()
    expect(there.store.list('ada')).toEqual({ records: [], after: null })
    expect(there.store.delete(record.id)).toBe(false)
    there.keep({ id: record.id, data: { there: true } })
    expect(here.store.read(record.id)).toEqual(record)
  })

  it.each([
    'select',
    'two words',
    "it's",
    'a"b',
    'a.b',
    '"',
    'naïve 🍪',
    '%',
    'x; DROP TABLE y',
    'line\nbreak',
    '-- x',
  ])('takes for its table any name that SQLite has: %s', (table) => {
    const { store, keep, database } = setup(undefined, table)
    const record = keep({ subject: 'ada' })
    expect(store.list('ada')).toEqual({ records: [record], after: null })
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    expect(names).toEqual([{ name: table }])
  })

  it('tells apart ids and subjects that SQLite would not', () => {
    const { store, keep, database } = setup()
    const odd = ['a\0b', 'a', '\ud800', '\udfff', '\ufffd', JSON.stringify('a\0b'), '"']
    for (const text of odd) keep({ id: `${text} id`, subject: text })
    for (const text of odd) {
      expect(store.read(`${text} id`)).toMatchObject({ subject: text })
      expect(store.list(text)).toMatchObject({ records: [{ id: `${text} id` }] })
    }
    expect(database.prepare('SELECT count(*) AS n FROM sojourn_sessions').get()).toEqual({ n: 7 })
  })

  it('lists to an end, also where a row holds another session’s record', () => {
    const { store, keep, database } = setup()
    const [first] = [1, 2, 3].map(() => keep({ subject: 'ada' }).id).sort()
    database.exec(`UPDATE sojourn_sessions SET record = json_set(record, '$.id', '${first}')`)
    let pages = 0
    let after: string | null = null
    do {
      const page = store.list('ada', { after, limit: 1 }) as SubjectPage
      after = page.after
    } while (++pages < 10 && after !== null)
    expect(pages).toBe(3)
  })

  it('finds a session, a subject and what has expired by an index, however many sessions there are', () => {
    const { database, store } = setup()
    store.read('x')
    const table = 'sojourn_sessions'
    const plan = (sql: string) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail)
        .join('; ')
    expect(plan(`SELECT record FROM ${table} WHERE id = 'x' AND expires_at > 1`)).toMatch(
      /^SEARCH .*autoindex.* \(id=\?\)$/,
    )
    expect(
      plan(
        `SELECT record FROM ${table} WHERE subject = 'x' AND id > '' AND expires_at > 1 ORDER BY id LIMIT 9`,
      ),
    ).toMatch(/^SEARCH .* by subject \(subject=\? AND id>\?\)$/)
    expect(
      plan(`SELECT rowid FROM ${table} WHERE expires_at <= 1 ORDER BY expires_at LIMIT 9`),
    ).toMatch(/^SEARCH .* by expiry \(expires_at<\?\)$/)
  })
})

describe('the connection that a SQLite store is given', () => {
  it('gets a write-ahead log, waits for locks, and loses no acknowledged write with the power', () => {
    const { store, database, pragma } = setup()
    // As better-sqlite3 has it in this mode.
    database.exec('PRAGMA synchronous = NORMAL')
    store.read('x')
    expect([pragma('journal_mode'), pragma('busy_timeout'), pragma('synchronous')]).toEqual([
      'wal',
      5000,
      2,
    ])
  })

  it('keeps what its owner has set above that', () => {
    const { store, database, pragma } = setup()
    database.exec('PRAGMA busy_timeout = 70; PRAGMA synchronous = EXTRA')
    store.read('x')
    expect([pragma('busy_timeout'), pragma('synchronous')]).toEqual([70, 3])
  })

  it('is refused while somebody’s transaction is open on it, which could take back what the store says is kept', () => {
    const { store, database, keep, clock, until } = setup()
    const record = keep()
    database.exec('BEGIN')
    expect(() => store.read(record.id)).toThrow('A transaction is open')
    expect(() => store.create(sample(clock()), until())).toThrow('A transaction is open')
    database.exec('ROLLBACK')
    expect(store.read(record.id)).toEqual(record)
  })

  it('may be closed and opened again, and lose its table, and the next request finds all in order', () => {
    const { store, database, keep } = setup()
    const record = keep()
    database.close()
    expect(() => store.read(record.id)).toThrow('not open')
    database.open()
    expect(store.read(record.id)).toEqual(record)
    database.exec('DROP TABLE sojourn_sessions')
    expect(() => store.read(record.id)).toThrow('no such table')
    expect(store.read(record.id)).toBeNull()
    keep()
  })
})
