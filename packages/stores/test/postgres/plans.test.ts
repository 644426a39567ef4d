import { PGlite } from '@electric-sql/pglite'
import { postgresStore } from '@sojourn/stores/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SESSIONS = 100_000
let database: PGlite
const asked: { text: string; values: unknown[] }[] = []

beforeAll(async () => {
  database = await PGlite.create()
  const store = postgresStore({
    database(text, values) {
      asked.push({ text, values })
      return database.query(text, values)
    },
  })
  await store.migrate()
  // A tenth has expired, a tenth is one subject's, and a third nobody's.
  await database.exec(`
    INSERT INTO sojourn_sessions (id, version, subject, last_seen_at, expires_at, record)
    SELECT md5(i::text), 1,
      CASE WHEN i % 10 = 0 THEN 'ada' WHEN i % 3 > 0 THEN md5((i % 40000)::text) END,
      0, CASE WHEN i % 10 = 5 THEN i ELSE 4e12 + i END, '{"id":"' || md5(i::text) || '"}'
    FROM generate_series(1, ${SESSIONS}) i`)
  asked.length = 0
  await store.read('x')
  await store.touch('x', 1, 1)
  await store.list('ada')
  await store.list('nobody', { after: '8', limit: 10 })
  await store.sweep(1, 1000)
})
afterAll(() => database.close())

/** How the database would go about what a store asked of it. */
async function plans(): Promise<string[]> {
  const found: string[] = []
  for (const { text, values } of asked) {
    const literals = values.map((value) => `'${value}'`).join(', ')
    await database.exec(`PREPARE one AS ${text}`)
    const { rows } = await database.query<object>(`EXPLAIN EXECUTE one (${literals})`)
    await database.exec('DEALLOCATE one')
    found.push(rows.flatMap((row) => Object.values(row)).join('\n'))
  }
  return found
}

describe.each([
  ['that Postgres knows nothing of', ''],
  ['that Postgres has counted', 'ANALYZE sojourn_sessions'],
])(`a table of ${SESSIONS} sessions %s`, (_, count) => {
  it.each(['force_custom_plan', 'force_generic_plan'])(
    'is never read as a whole: each verb goes by its index (%s)',
    async (mode) => {
      await database.exec(`${count}; SET plan_cache_mode = ${mode}`)
      const [read, touch, many, few, sweep] = await plans()
      const byId = /Index (Cond: .*\bid = |Scan using sojourn_sessions_pkey)/
      expect(read).toMatch(byId)
      expect(touch).toMatch(byId)
      expect(many).toContain('sojourn_sessions_subject_id_idx')
      expect(few).toContain('sojourn_sessions_subject_id_idx')
      expect(sweep).toContain('sojourn_sessions_expiry_hour_idx')
      for (const plan of [read, touch, many, few, sweep]) expect(plan).not.toContain('Seq Scan')
    },
  )
})
