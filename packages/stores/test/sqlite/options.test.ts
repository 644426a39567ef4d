import { DatabaseSync } from 'node:sqlite'
import type { D1Database as CloudflareD1 } from '@cloudflare/workers-types'
import { createClient } from '@libsql/client'
import { type D1Database, sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { shelf } from './databases.ts'

const files = shelf()
afterAll(() => files.clear())

describe('a wrong option', () => {
  const message =
    '"database" must be an open database of node:sqlite, better-sqlite3, bun:sqlite, libSQL or D1, got '
  it.each([
    [undefined, 'undefined'],
    [null, 'object'],
    ['sessions.db', '"sessions.db"'],
    [{}, 'object'],
    [{ execute() {} }, 'object'],
  ])('is named at construction: database %o', (database, got) => {
    expect(() => sqliteStore({ database: database as never })).toThrow(new TypeError(message + got))
  })

  it('is told from a client that answers later and in another way, at the first use', () => {
    const database = { prepare: () => ({ all: () => Promise.resolve([]), run: () => {} }) }
    expect(() => sqliteStore({ database: database as never }).read('x')).toThrow(
      new TypeError('"database" must answer at once, with rows'),
    )
  })

  it.each(['', 'sqlite_x', 'SQLite_sequence', '_cf_x', 'a\0b', '\ud800', 7, null])(
    'is named at construction: table %o',
    (table) => {
      const database = files.keep(new DatabaseSync(':memory:'))
      const make = () => sqliteStore({ database, table: table as string })
      expect(make).toThrow(TypeError)
      expect(make).toThrow('"table" must be the name of a table, got ')
    },
  )
})

describe('what a store asks of its database when it is made', () => {
  const asked: string[] = []
  afterEach(() => void asked.splice(0))

  it('is nothing, since at a Worker’s global scope D1 would refuse', () => {
    const note = (name: string) => () => {
      asked.push(name)
      throw new Error(name)
    }
    const database = { prepare: note('prepare'), batch: note('batch'), exec: note('exec') }
    sqliteStore({ database: database as unknown as D1Database })
    sqliteStore({ database: { ...database, batch: undefined } as never })
    expect(asked).toEqual([])
  })
})

describe('the types', () => {
  it('take databases as their own libraries have them', () => {
    const d1 = { prepare() {}, batch() {} } as unknown as CloudflareD1
    const libsql = files.keep(createClient({ url: 'file::memory:' }))
    expect([d1, libsql].map((database) => sqliteStore({ database }).consistency)).toEqual([
      'strong',
      'strong',
    ])
  })
})
