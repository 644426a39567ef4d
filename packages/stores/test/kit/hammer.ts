import { randomBytes } from 'node:crypto'
import { type AnyStore, type Awaitable, createSessions, type SubjectIndex } from '@sojourn/core'
import { expect } from 'vitest'
import type { Order, Report } from './hammer.process.ts'
import { run } from './processes.ts'

/** A module by which a process of its own opens the store that is hammered. */
export interface OpensStore {
  openStore(...where: string[]): Awaitable<AnyStore & SubjectIndex>
}

const { RACE_OPERATIONS = '1000' } = process.env
const OPERATIONS = Number(RACE_OPERATIONS)
const SIGN_INS = 5
const NAMES = ['a', 'b', 'c', 'd'] as const

/** For a test that hammers, in milliseconds. */
export const HAMMER_TIMEOUT = 30_000 + OPERATIONS * 60

/** What the title of such a test says. */
export const HAMMERED =
  'lose no count, no key, no sign-in and no touch, hold one live token, and nothing outlives its revocation'

/**
 * Four processes change one session at once, sign it in, touch it and in the end revoke it. `RACE_OPERATIONS` says how often each.
 *
 * @param store the same store, open in this process
 * @param opener the address of a module that opens it: `import.meta.resolve('./open-store.ts')`
 * @param where what the module is told
 */
export async function hammer(
  store: AnyStore & SubjectIndex,
  opener: string,
  ...where: string[]
): Promise<void> {
  const secret = randomBytes(32).toString('hex')
  const others = NAMES.map((name) =>
    run<Report>(import.meta.resolve('./hammer.process.ts'), name, secret, opener, ...where),
  )
  try {
    await hammerBy(others, store, secret)
  } finally {
    for (const other of others) await other.end()
  }
}

type Hammering = ReturnType<typeof run<Report>>

async function hammerBy(
  others: readonly Hammering[],
  store: AnyStore & SubjectIndex,
  secret: string,
): Promise<void> {
  const sessions = createSessions<Record<string, number>>({ store, secret })
  const open = (cookie: string) =>
    sessions.open(new Request('https://app.test/', { headers: { cookie } }))
  const first = await open('')
  first.set('count', 0)
  const response = await sessions.commit(first, new Response())
  const id = first.id ?? ''
  const tokens = [response.headers.get('set-cookie')?.split(';')[0] ?? '']

  const tell = (order: Order) => {
    for (const other of others) other.send(order)
  }
  /** Passes new tokens on to everybody until each process has finished; what they were told. */
  function finished() {
    return Promise.all(
      others.map(async (other) => {
        for (;;) {
          const report = await other.next()
          if (report.report === 'hammered' || report.report === 'over') return report.tally
          if (report.report !== 'token') continue
          tokens.push(report.cookie)
          tell({ ...report, order: 'token' })
        }
      }),
    )
  }

  // A message that comes before a process listens would be lost.
  await Promise.all(others.map((other) => other.next()))
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
}
