import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { createSessions } from '@sojourn/core'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { shelf } from './databases.ts'
import type { Order, Report } from './hammer.process.ts'
import { type Running, run } from './processes.ts'

const { RACE_OPERATIONS = '1000' } = process.env
const OPERATIONS = Number(RACE_OPERATIONS)
const SIGN_INS = 5
const NAMES = ['a', 'b', 'c', 'd'] as const
const TIMEOUT = 30_000 + OPERATIONS * 60

const files = shelf()
const running: Running<Report>[] = []
afterAll(async () => {
  for (const process of running) await process.end()
  files.clear()
})

describe('four processes that hammer one session of one file', () => {
  it(
    'lose no count, no key, no sign-in and no touch, hold one live token, and nothing outlives its revocation',
    async () => {
      const path = files.path()
      const secret = randomBytes(32).toString('hex')
      const database = files.keep(new DatabaseSync(path))
      const store = sqliteStore({ database })
      const sessions = createSessions<Record<string, number>>({ store, secret })
      const open = (cookie: string) =>
        sessions.open(new Request('https://app.test/', { headers: { cookie } }))
      const first = await open('')
      first.set('count', 0)
      const response = await sessions.commit(first, new Response())
      const id = first.id ?? ''
      const tokens = [response.headers.get('set-cookie')?.split(';')[0] ?? '']

      const others = NAMES.map((name) => run<Report>('hammer.process.ts', path, name, secret))
      running.push(...others)
      const tell = (order: Order) => {
        for (const other of others) other.send(order)
      }
      /** Passes new tokens on to everybody until each process has finished; what they were told. */
      function finished() {
        return Promise.all(
          others.map(async (other) => {
            for (;;) {
              const report = await other.next()
              if (report.report !== 'token') return report.tally
              tokens.push(report.cookie)
              tell({ ...report, order: 'token' })
            }
          }),
        )
      }

      tell({ order: 'token', generation: 0, cookie: tokens[0] ?? '' })
      for (const [index, other] of others.entries()) {
        // All of them sign in at once first, and then each on its own.
        const signIns = Array.from({ length: SIGN_INS }, (_, turn) =>
          Math.floor((OPERATIONS * (turn + 1)) / (SIGN_INS + 1) + (turn ? index * 7 : 0)),
        )
        other.send({ order: 'hammer', operations: OPERATIONS, signIns } satisfies Order)
      }
      const tallies = await finished()

      const kept = await store.read(id)
      expect(kept?.data).toMatchObject({ count: NAMES.length * OPERATIONS })
      expect(tallies.map(({ count }) => count)).toEqual(NAMES.map(() => OPERATIONS))
      expect(kept?.data).toMatchObject(Object.assign({}, ...tallies.map(({ keys }) => keys)))
      // Otherwise they were never in each other's way, and nothing of this is shown.
      expect(tallies.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBeGreaterThan(0)
      expect(kept?.lastSeenAt).toBeGreaterThanOrEqual(Math.max(...tallies.map(({ seen }) => seen)))
      expect(kept?.subject).toBe('ada')
      expect(kept?.generation).toBeGreaterThanOrEqual(SIGN_INS)
      const distinct = [...new Set(tokens)]
      expect(distinct).toHaveLength((kept?.generation ?? 0) + 1)
      const opened = await Promise.all(distinct.map(open))
      expect(opened.filter((session) => session.id !== null)).toHaveLength(1)

      for (const [index, other] of others.entries()) {
        other.send({ order: 'until the end', revokeAfter: index ? null : 20 } satisfies Order)
      }
      await finished()
      expect(await store.read(id)).toBeNull()
      expect(await sessions.list('ada')).toEqual([])
      for (const cookie of distinct) expect((await open(cookie)).id).toBeNull()
      expect(database.prepare('SELECT count(*) AS n FROM sojourn_sessions').get()).toEqual({ n: 0 })
      expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    },
    TIMEOUT,
  )
})
