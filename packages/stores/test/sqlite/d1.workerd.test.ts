import { env } from 'cloudflare:workers'
import { createSessions } from '@sojourn/core'
import { storeContract } from '@sojourn/core/testing'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { describe, expect, it } from 'vitest'

const database = env.SESSIONS_DB

describe('the SQLite store keeps the contract: D1 in workerd:', () => {
  let round = 0
  const cases = storeContract(
    ({ clock }) => sqliteStore({ database, table: `round ${++round}`, clock }),
    { list: true, sweep: true },
  )
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})

describe('the SQLite store with D1', () => {
  it('carries sessions', async () => {
    const { open, commit } = createSessions({
      store: sqliteStore({ database }),
      secret: 'x'.repeat(32),
    })
    const session = await open(new Request('https://app.test/'))
    session.set('cart', ['tea'])
    const response = await commit(session, new Response())
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    const again = await open(new Request('https://app.test/', { headers: { cookie } }))
    expect(again.get('cart')).toEqual(['tea'])
  })

  it('refuses a D1 session, whose reads may lag behind a revocation', () => {
    expect(() => sqliteStore({ database: database.withSession() })).toThrow(
      new TypeError('"database" must be the D1 binding, got a session of it, which may lag'),
    )
  })

  it('sweeps more than one batch', async () => {
    const store = sqliteStore({ database, table: 'swept' })
    await store.sweep(0, 1)
    await database
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
        INSERT INTO swept (id, version, last_seen_at, expires_at, record) SELECT 'id' || i, 1, 0, i, '{}' FROM n`,
      )
      .bind()
      .all()
    expect(await store.sweep(2400, 5000)).toBe(2400)
    expect(await store.sweep(2500, 5000)).toBe(100)
  })
})
