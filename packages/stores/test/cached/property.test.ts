import { type AnyStore, memoryStore, type SessionRecord } from '@sojourn/core'
import { clock as startClock } from '@sojourn/core/testing'
import { cached } from '@sojourn/stores/cached'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { timeline } from './timeline.ts'

const STALE_FOR = 1
const RUNS = 2000

interface Step {
  /** Which of the two processes. */
  readonly process: 0 | 1
  readonly session: 0 | 1
  readonly verb: 'read' | 'authoritative' | 'update' | 'touch' | 'delete'
  /** When it begins, and how long the store takes before and after it acts: milliseconds. */
  readonly at: number
  readonly before: number
  readonly after: number
  readonly fate: 'answered' | 'not done' | 'done, and fails' | 'done, and is never answered'
}

const step: fc.Arbitrary<Step> = fc.record({
  process: fc.constantFrom(0, 1),
  session: fc.constantFrom(0, 1),
  verb: fc.oneof(
    { weight: 8, arbitrary: fc.constant('read' as const) },
    { weight: 5, arbitrary: fc.constant('update' as const) },
    { weight: 2, arbitrary: fc.constantFrom('authoritative' as const, 'touch' as const) },
    { weight: 1, arbitrary: fc.constant('delete' as const) },
  ),
  at: fc.integer({ min: 0, max: 3000 }),
  before: fc.integer({ min: 0, max: 700 }),
  after: fc.integer({ min: 0, max: 700 }),
  fate: fc.oneof(
    { weight: 8, arbitrary: fc.constant('answered' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'not done' as const,
        'done, and fails' as const,
        'done, and is never answered' as const,
      ),
    },
  ),
})

// What the store had from an instant on: `null` is gone.
interface State {
  readonly from: number
  readonly record: SessionRecord | null
}

/** What a process knows that it did to a session. */
interface Own {
  version: number
  /** By version, the last touch. */
  readonly touched: Map<number, number>
  gone: boolean
}

/** One run of two processes over one store, in which every read is held to what it may show. */
async function run(steps: readonly Step[], maxSessions: number): Promise<void> {
  const clock = startClock(1_000_000)
  const time = timeline(clock)
  const memory = memoryStore({ clock })
  const until = clock() + 1_000_000
  const records = [0, 1].map(() => sample(clock()))
  const ids = records.map(({ id }) => id)
  const histories: State[][] = records.map((record) => {
    memory.create(record, until)
    return [{ from: clock(), record }]
  })
  const latest = (session: number) => histories[session]?.at(-1)?.record ?? null
  const remember = (session: number) => {
    const record = memory.read(ids[session] ?? '') as SessionRecord | null
    if (JSON.stringify(record) !== JSON.stringify(latest(session)))
      histories[session]?.push({ from: clock(), record })
  }

  // The step on whose behalf the store is asked: the verbs ask it before they first wait.
  let asking: Step | undefined
  // Which version each step met or made.
  const acted = new Map<Step, number>()
  const slow: AnyStore = {
    ...memory,
    ...Object.fromEntries(
      (['read', 'update', 'touch', 'delete'] as const).map((verb) => [
        verb,
        async (...args: never[]) => {
          const step = asking ?? expect.fail('nobody asks')
          const { session, before, after, fate } = step
          await time.wait(before)
          if (fate === 'not done') throw new Error('down')
          const answer = Reflect.apply(memory[verb], memory, args)
          remember(session)
          acted.set(step, latest(session)?.version ?? 0)
          await time.wait(after)
          if (fate === 'done, and fails') throw new Error('down')
          return fate === 'answered' ? answer : new Promise(() => {})
        },
      ]),
    ),
  }
  const processes = [0, 1].map(() => cached(slow, { staleFor: STALE_FOR, maxSessions, clock }))
  // By process and session: what the process has been told that it did.
  const acknowledged: Own[][] = processes.map(() =>
    ids.map(() => ({ version: 1, touched: new Map(), gone: false })),
  )

  async function perform(step: Step): Promise<void> {
    const { process, session, verb } = step
    const at = clock()
    asking = step
    const store = processes[process] as AnyStore
    const id = ids[session] ?? ''
    const own = acknowledged[process]?.[session] ?? expect.fail()
    const before = { ...own, touched: new Map(own.touched) }
    const authoritative = verb === 'authoritative'
    if (verb === 'read' || authoritative) {
      const found = await store.read(id, { authoritative })
      const oldest = authoritative ? at : at - STALE_FOR * 1000
      return check(histories[session] ?? [], found, before, oldest, authoritative)
    }
    if (verb === 'update') {
      const base = latest(session) ?? (records[session] as SessionRecord)
      const next = { ...base, version: base.version + 1, data: { at } }
      if ((await store.update(next, until)) === 'updated')
        own.version = Math.max(own.version, next.version)
    } else if (verb === 'touch') {
      if (await store.touch(id, at, until)) {
        const version = acted.get(step) ?? 0
        own.touched.set(version, Math.max(own.touched.get(version) ?? 0, at))
      }
    } else {
      await store.delete(id)
      own.gone = true
    }
  }

  const failures: unknown[] = []
  for (const step of [...steps].sort((one, other) => one.at - other.at)) {
    void time.wait(step.at).then(() =>
      perform(step).catch((error) => {
        if (error.message !== 'down') failures.push(error)
      }),
    )
  }
  await time.run()
  if (failures.length) throw failures[0]
}

/** That what was read was in the store at some instant since `oldest`, and is nothing that this process has written over. */
function check(
  history: readonly State[],
  found: SessionRecord | null,
  own: Own,
  oldest: number,
  authoritative: boolean,
): void {
  const ends = (index: number) => history[index + 1]?.from ?? Infinity
  // Deleted is for good, so a read that finds nothing is right if it is gone by now.
  if (!found) {
    expect(history.at(-1)?.record).toBeNull()
    return
  }
  expect(own.gone, 'gone after this process’s own delete').toBe(false)
  expect(found.version).toBeGreaterThanOrEqual(own.version)
  expect(found.lastSeenAt).toBeGreaterThanOrEqual(own.touched.get(found.version) ?? 0)
  const shown = history.flatMap(({ record }, index) =>
    record?.version === found.version && (!authoritative || record.lastSeenAt === found.lastSeenAt)
      ? [index]
      : [],
  )
  expect(shown.map((index) => history[index]?.record?.data)).toContainEqual(found.data)
  const end = ends(shown.at(-1) ?? -1)
  // At `oldest` itself where it is the store's own answer; a copy is younger than `staleFor`.
  if (authoritative) expect(end).toBeGreaterThanOrEqual(oldest)
  else expect(end).toBeGreaterThan(oldest)
}

it('shows nothing older than `staleFor`, nothing older than what this process wrote, and nothing that it ended', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 40 }),
      fc.constantFrom(1, 10_000),
      run,
    ),
    { numRuns: RUNS },
  )
})
