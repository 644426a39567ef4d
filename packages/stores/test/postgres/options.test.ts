import { PGlite } from '@electric-sql/pglite'
import { neon } from '@neondatabase/serverless'
import { type PostgresDatabase, postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'

describe('a wrong option', () => {
  const message =
    '"database" must be a pool or client of pg, a "sql" of postgres, a function of Neon, PGlite or a function that queries, got '
  it.each([
    [undefined, 'undefined'],
    [null, 'object'],
    ['postgres://localhost', 'a string'],
    [{}, 'object'],
    [{ query: 'x' }, 'object'],
  ])('is named at construction: database %o', (database, got) => {
    expect(() => postgresStore({ database: database as never })).toThrow(
      new TypeError(message + got),
    )
  })

  it.each(['', 'a\0b', '\ud800', 'x'.repeat(64), 'é'.repeat(32), 7, null])(
    'is named at construction: table and schema %o',
    (name) => {
      const database = async () => []
      for (const option of ['table', 'schema']) {
        const make = () => postgresStore({ database, [option]: name })
        expect(make).toThrow(TypeError)
        expect(make).toThrow(`"${option}" must be a name of at most 63 bytes in UTF-8, got `)
      }
    },
  )

  it.each([undefined, null, {}, { rows: 1 }, 'rows'])(
    'is told from a client that answers with %o, at the first use',
    async (answer) => {
      const store = postgresStore({ database: async () => answer })
      await expect(store.read('x')).rejects.toThrow(
        new TypeError('"database" must answer with rows, or an object that has them'),
      )
    },
  )
})

describe('what a store asks of its database when it is made', () => {
  it('is nothing', () => {
    const asked: string[] = []
    const note = (name: string) => (): Promise<never> => {
      asked.push(name)
      return Promise.reject(new Error(name))
    }
    const databases = [{ query: note('query') }, { unsafe: note('unsafe') }, note('call')]
    for (const database of databases) postgresStore({ database })
    expect(asked).toEqual([])
  })
})

describe('the types', () => {
  it('take databases as their own libraries have them', () => {
    const take = (database: PostgresDatabase) => postgresStore({ database }).consistency
    const url = 'postgres://name:secret@127.0.0.1:1/postgres'
    const pool = new pg.Pool()
    expect([
      take(pool),
      take(new pg.Client()),
      take(postgres(url)),
      take(postgres(url, { types: { bigint: postgres.BigInt } })),
      take(neon(url)),
      take(neon(url, { fullResults: true })),
      take(Object.create(PGlite.prototype) as PGlite),
      take((text, values) => pool.query({ text, values, rowMode: 'array' })),
    ]).toEqual(Array(8).fill('strong'))
  })
})
