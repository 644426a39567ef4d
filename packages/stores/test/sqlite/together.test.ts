import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { type Running, run } from '../kit/processes.ts'
import { sample } from '../kit/records.ts'
import { shelf } from './databases.ts'

const files = shelf()
const running: { end(): Promise<void> }[] = []
afterAll(async () => {
  for (const process of running) await process.end()
  files.clear()
})

function start<Message>(script: string, ...args: string[]): Running<Message> {
  const process = run<Message>(import.meta.resolve(`./${script}`), ...args)
  running.push(process)
  return process
}

describe('processes that start at once on a file that is not there yet', () => {
  it('all find the table and keep their session, in a write-ahead log', async () => {
    const starters = [1, 2, 3, 4].map(() => start<{ started: unknown }>('starter.process.ts'))
    const answers = () => Promise.all(starters.map(async (one) => (await one.next()).started))
    await answers()
    for (let round = 0; round < 40; round++) {
      const path = files.path()
      for (const starter of starters) starter.send({ path })
      expect(await answers()).toEqual([true, true, true, true])
      const database = new DatabaseSync(path, { timeout: 5000 })
      expect(database.prepare('SELECT count(*) AS n FROM sojourn_sessions').get()).toEqual({ n: 4 })
      expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
      database.close()
    }
  })
})

describe('a sweep of 50,000 sessions', () => {
  it('keeps nobody from reading and writing the live ones, and counts each once where two sweep', async () => {
    const path = files.path()
    const database = files.keep(new DatabaseSync(path))
    const store = sqliteStore({ database })
    const now = Date.now()
    const live = [1, 2, 3].map(() => sample(now))
    for (const record of live) await store.create(record, now + 60 * 60_000)
    database.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      INSERT INTO sojourn_sessions (id, version, subject, last_seen_at, expires_at, record)
      SELECT 'expired ' || i, 1, 'subject ' || i % 100, 0, i, '{"text":"' || hex(zeroblob(200)) || '"}' FROM n`,
    )
    const ids = live.map(({ id }) => id).join(',')
    const reader = start<'ready' | { reads: number; touches: number; missing: number }>(
      'reader.process.ts',
      path,
      ids,
    )
    expect(await reader.next()).toBe('ready')
    const other = sqliteStore({ database: files.keep(new DatabaseSync(path)) })
    const swept = await Promise.all([store.sweep(now, 1e6), other.sweep(now, 1e6)])
    reader.send({ order: 'stop' })
    const told = await reader.next()
    expect(swept[0] + swept[1]).toBe(50_000)
    // Both had their turns: neither held the file for all of its sweep.
    expect(Math.min(...swept)).toBeGreaterThan(0)
    expect(told).toMatchObject({ missing: 0 })
    // A reader and writer that waits for the whole sweep has one turn.
    expect(told === 'ready' ? 0 : told.touches).toBeGreaterThan(5)
    expect(database.prepare('SELECT count(*) AS n FROM sojourn_sessions').get()).toEqual({ n: 3 })
  })
})
