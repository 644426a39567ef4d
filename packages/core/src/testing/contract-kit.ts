import type { JsonObject } from '../json.ts'
import { randomText } from '../random.ts'
import { newRecord, type SessionRecord } from '../record.ts'
import type { AnyStore, SubjectIndex, SubjectPage } from '../store.ts'
import type { Clock } from './clock.ts'

/** What a row of the contract works on: an empty store and its clock. */
export interface Bench {
  readonly store: AnyStore
  readonly clock: Clock
}

/** One promise of the contract. */
export interface Row {
  readonly name: string
  /** Whether only a strongly consistent store can keep it. */
  readonly strong?: boolean
  run(bench: Bench): Promise<void>
}

export const MINUTE: number = 60_000

/** A new session's record, as the first write has it, with data of every JSON type. */
export function sample({ clock }: Bench, facts: Partial<SessionRecord> = {}): SessionRecord {
  return {
    ...newRecord(randomText(), clock()),
    version: 1,
    data: { cart: ['tea'], visits: 1 },
    ...facts,
  }
}

/** A record for a signed-in subject. */
export function signedIn(bench: Bench, subject: string): SessionRecord {
  return sample(bench, { subject, authentications: [{ method: 'password', at: bench.clock() }] })
}

/** The next version of a record. */
export function changed(record: SessionRecord, data: JsonObject): SessionRecord {
  return { ...record, version: record.version + 1, data: { ...record.data, ...data } }
}

/** Creates records that a store keeps for so many minutes. */
export async function keep(
  { store, clock }: Bench,
  records: SessionRecord | readonly SessionRecord[],
  minutes = 30,
): Promise<void> {
  for (const record of [records].flat()) {
    const created = await store.create(record, clock() + minutes * MINUTE)
    equal(created, true, `create of a new id, ${record.id}`)
  }
}

/** Moves on far enough for a store to accept the next touch. */
export function pass({ store, clock }: Bench): void {
  clock.advance(Math.max(MINUTE, store.leastTouchInterval ?? 0) / 1000)
}

/** Every record that a store lists for a subject, page by page; `between` runs after each page. */
export async function listAll(
  { store }: Bench,
  subject: string,
  limit?: number,
  between: (page: SubjectPage) => Promise<void> = async () => {},
): Promise<SessionRecord[]> {
  const found: SessionRecord[] = []
  let after: string | null = null
  for (let pages = 1; ; pages++) {
    const page: SubjectPage = await (store as AnyStore & SubjectIndex).list(
      subject,
      limit === undefined ? { after } : { after, limit },
    )
    const most = limit ?? 100
    check(page.records.length <= most, `a page of ${page.records.length} is over ${most}`)
    found.push(...page.records)
    if (page.after === null) return found
    check(pages < 1000, `the list has no end: page ${pages} has an "after"`)
    after = page.after
    await between(page)
  }
}

/** The ids that a store lists for a subject, sorted. */
export async function listed(bench: Bench, subject: string): Promise<string[]> {
  return idsOf(await listAll(bench, subject))
}

export function idsOf(records: readonly SessionRecord[]): string[] {
  return records.map(({ id }) => id).sort()
}

/** Fails with a message unless something holds. */
export function check(holds: boolean, message: string): void {
  if (!holds) throw new Error(message)
}

/** Fails unless two values are equal, member by member in whatever order; says where they differ. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const found = difference(actual, expected, what)
  check(!found, found ?? '')
}

/** Awaits microtasks, so that what was started a moment ago gets some way ahead. */
export async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await undefined
}

function difference(actual: unknown, expected: unknown, at: string): string | null {
  if (
    !isObject(actual) ||
    !isObject(expected) ||
    Array.isArray(actual) !== Array.isArray(expected)
  ) {
    return actual === expected ? null : `${at}: expected ${show(expected)}, got ${show(actual)}`
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = difference(own(actual, key), own(expected, key), `${at}, ${key}`)
    if (found) return found
  }
  return null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`
}
