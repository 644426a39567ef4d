import { expect } from 'vitest'
import type { DeepReadonly, SessionRecord } from '../../src/index.ts'

/** What the sessions of these tests hold. */
export interface Data {
  /** A mark of each count, so that none can stand for another. */
  log: string[]
  a: string
  b: string
}

interface Write {
  readonly key: 'a' | 'b'
  readonly value: string
  readonly round: number
  readonly acknowledged: boolean
}

/** What is known of a session from outside. */
export interface Entry {
  readonly id: string
  /** Whether anybody was told of it: what a create left that was never answered is nobody's. */
  known: boolean
  /** By the round that acknowledged them. */
  readonly marks: Map<string, number>
  readonly writes: Write[]
  /** Whom an acknowledged sign-in gave it to, and when. */
  subject: string | null
  signedIn: number
  /** Since when it is known to have ended. */
  ended: number
  /** A delete was asked for whose answer never came: it may be gone. */
  mayBeGone: boolean
  /** An update was asked for whose answer never came: the token may have been replaced. */
  mayBeReplaced: boolean
}

/** What a request changed, to be held against it once it is acknowledged. */
export interface Changes {
  marks: string[]
  values: [key: 'a' | 'b', value: string][]
  subject: string | null
}

/** What was acknowledged. A round is a time at which requests overlap; what one promises holds from the next. */
export class Ledger {
  round = 0
  readonly entries = new Map<string, Entry>()
  /** The cookies that were handed out, and what they open. */
  readonly issued = new Map<string, { readonly id: string; readonly generation: number }>()

  /** Looked at when the round is over: what happened in it is told only then. */
  readonly later: (() => void)[] = []

  entry(id: string): Entry {
    const known = this.entries.get(id)
    if (known) return known
    const entry: Entry = {
      id,
      known: false,
      marks: new Map(),
      writes: [],
      subject: null,
      signedIn: Infinity,
      ended: Infinity,
      mayBeGone: false,
      mayBeReplaced: false,
    }
    this.entries.set(id, entry)
    return entry
  }

  /** A request was answered: what it changed is to be there from now on. */
  acknowledge(id: string, { marks, values, subject }: Changes): void {
    const entry = this.entry(id)
    entry.known = true
    for (const mark of marks) entry.marks.set(mark, this.round)
    this.#write(entry, values, true)
    if (subject === null) return
    entry.subject = subject
    entry.signedIn = Math.min(entry.signedIn, this.round)
  }

  /** A request failed: what it changed may be there. */
  doubt(id: string, { values }: Changes): void {
    this.#write(this.entry(id), values, false)
  }

  /** The newest generation of its token that was handed out. */
  newest(id: string): number {
    const own = [...this.issued.values()].filter((one) => one.id === id)
    return Math.max(...own.map(({ generation }) => generation))
  }

  end(id: string): void {
    const entry = this.entry(id)
    entry.ended = Math.min(entry.ended, this.round)
  }

  /** Those that a subject is known to have had before this round. */
  of(subject: string): Entry[] {
    return [...this.entries.values()].filter(
      (entry) => entry.subject === subject && entry.signedIn < this.round,
    )
  }

  /** Holds a session as the store has it, or as a request opened it, against all that was acknowledged before a round. */
  check(entry: Entry, data: DeepReadonly<Partial<Data>>, before: number): void {
    expect(entry.ended, `session ${entry.id} was revoked, and opens`).toBeGreaterThanOrEqual(before)
    const log = data.log ?? []
    expect(new Set(log).size, `${log} counts something twice`).toBe(log.length)
    for (const [mark, round] of entry.marks) {
      if (round < before) expect(log, 'an acknowledged count is lost').toContain(mark)
    }
    if (!entry.known) return
    for (const key of ['a', 'b'] as const) {
      const writes = entry.writes.filter((write) => write.key === key && write.round < before)
      const last = Math.max(-1, ...writes.map((one) => (one.acknowledged ? one.round : -1)))
      const possible: unknown[] = entry.writes
        .filter((write) => write.key === key && write.round >= last)
        .map(({ value }) => value)
      if (last < 0) possible.push(undefined)
      expect(possible, `an acknowledged "${key}" is lost`).toContain(data[key])
    }
  }

  /** Holds the store's record, with nothing under way, against all that was acknowledged. */
  checkRecord(entry: Entry, record: SessionRecord | null): void {
    if (!record) {
      const known = entry.ended < Infinity || entry.mayBeGone
      expect(known, `session ${entry.id} is gone, and nobody ended it`).toBe(true)
      return
    }
    if (entry.subject !== null) expect(record.subject).toBe(entry.subject)
    this.check(entry, record.data as unknown as Partial<Data>, this.round + 1)
  }

  #write(entry: Entry, values: Changes['values'], acknowledged: boolean): void {
    const { round } = this
    for (const [key, value] of values) entry.writes.push({ key, value, round, acknowledged })
  }
}
