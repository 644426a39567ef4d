import { type AnyStore, createSessions, type SessionRecord, type SubjectIndex } from '@sojourn/core'
import { populate, sample, tomorrow } from './population.ts'

export type IndexedStore = AnyStore & SubjectIndex

/** Milliseconds: half of the calls took less, and all but one in a hundred. */
export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export const VERBS = ['read', 'update', 'touch', 'create', 'delete'] as const
export type VerbTimes = Readonly<Record<(typeof VERBS)[number], Quantiles>>

const CALLS = 4000
const WARM_UP = 500

/** Times each verb, one call after the other, on sessions drawn by chance. */
export async function timeVerbs(store: IndexedStore, ids: readonly string[]): Promise<VerbTimes> {
  const draw = (): string => ids[Math.floor(Math.random() * ids.length)] ?? ''
  const fresh = Array.from({ length: WARM_UP + CALLS }, (_, index) => sample(index))
  const turn = { create: 0, delete: 0 }
  const verbs = {
    read: () => store.read(draw()),
    touch: () => store.touch(draw(), Date.now(), tomorrow()),
    create: () => store.create(fresh[turn.create++] ?? sample(0), tomorrow()),
    delete: () => store.delete(fresh[turn.delete++]?.id ?? ''),
  }
  const times = {
    read: await time(verbs.read),
    update: await timeUpdates(store, draw),
    touch: await time(verbs.touch),
    create: await time(verbs.create),
    delete: await time(verbs.delete),
  }
  return times
}

// What is to be written must be read first, and that is not counted.
async function timeUpdates(store: IndexedStore, draw: () => string): Promise<Quantiles> {
  const newest = new Map<string, SessionRecord>()
  const next: SessionRecord[] = []
  while (next.length < WARM_UP + CALLS) {
    const id = draw()
    const record = newest.get(id) ?? (await store.read(id))
    if (!record) throw new Error('A session was not there')
    const changed = { ...record, version: record.version + 1 }
    newest.set(id, changed)
    next.push(changed)
  }
  let turn = 0
  return time(async () => {
    const record = next[turn++]
    if (record && (await store.update(record, tomorrow())) !== 'updated') throw new Error('stale')
  })
}

async function time(call: () => unknown): Promise<Quantiles> {
  const times: number[] = []
  for (let turn = -WARM_UP; turn < CALLS; turn++) {
    const start = performance.now()
    const answer = await call()
    if (answer === null || answer === false) throw new Error('A session was not there')
    if (turn >= 0) times.push(performance.now() - start)
  }
  return quantiles(times)
}

export function quantiles(times: number[]): Quantiles {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

export const SUBJECT_SIZES = [1, 100, 10_000] as const

/** Milliseconds to list all sessions of subjects of each size, and to revoke those of the last. */
export interface SubjectTimes {
  readonly list: Readonly<Record<number, number>>
  readonly revokeAll: number
}

export async function timeSubjects(store: IndexedStore): Promise<SubjectTimes> {
  const sessions = createSessions({ store, secret: 's'.repeat(32) })
  const list: Record<number, number> = {}
  for (const size of SUBJECT_SIZES) {
    const subject = `subject of ${size}`
    await populate(store, size, subject)
    const times: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      const start = performance.now()
      const { length } = await sessions.list(subject)
      times.push(performance.now() - start)
      if (length !== size) throw new Error(`${length} sessions were listed, not ${size}`)
    }
    list[size] = quantiles(times).p50
  }
  const last = SUBJECT_SIZES.at(-1) ?? 0
  const start = performance.now()
  const ended = await sessions.revokeAll(`subject of ${last}`)
  const revokeAll = performance.now() - start
  if (ended !== last) throw new Error(`${ended} sessions were revoked, not ${last}`)
  return { list, revokeAll }
}

/** What reading costs while something else goes on, and how long that took. */
export interface Beside {
  readonly seconds: number
  readonly done: number
  readonly read: Quantiles
}

/** Reads live sessions, one after the other, for as long as something else goes on. */
export async function readBeside(
  store: IndexedStore,
  ids: readonly string[],
  work: () => Promise<number>,
): Promise<Beside> {
  let going = true
  const start = performance.now()
  const working = work().finally(() => {
    going = false
  })
  const times: number[] = []
  for (let turn = 0; going; turn++) {
    const before = performance.now()
    if (!(await store.read(ids[turn % ids.length] ?? ''))) throw new Error('A live session is gone')
    times.push(performance.now() - before)
  }
  const done = await working
  return { seconds: (performance.now() - start) / 1000, done, read: quantiles(times) }
}
