import type { SessionRecord } from '@sojourn/core'

/** A record as the store had it at `at`, or later. Text, because text is a copy by nature. */
export interface Copy {
  readonly at: number
  readonly text: string
  readonly version: number
  readonly lastSeenAt: number
  /** `Infinity` where only the store knows. */
  readonly expiresAt: number
}

/** The beginning of a read: its place in the order of all that happens, and its instant. */
export interface Start {
  readonly turn: number
  readonly at: number
}

/** What is known of an id: a copy, or that what a read found that began before has been written over. */
export interface Entry extends Start {
  readonly copy: Copy | null
}

export interface Limits {
  /** Milliseconds. */
  readonly staleFor: number
  readonly maxSessions: number
  readonly maxBytes: number
  readonly clock: () => number
}

/** A bounded number of copies, none of them shown for longer than it may be. */
export class Copies {
  readonly #limits: Limits
  // In order of use: the least recently used first.
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #turns = 0
  #latest = 0
  // The last turn that has been forgotten: nobody knows what was written to an id before.
  #forgotten = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** The record, if there is a copy that may be shown now. */
  find(id: string): SessionRecord | null {
    const now = this.#now()
    const entry = this.#entries.get(id)
    const copy = entry?.copy
    const shown = copy && now < copy.at + this.#limits.staleFor && now < copy.expiresAt
    if (!shown) return null
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    return { ...JSON.parse(copy.text), lastSeenAt: copy.lastSeenAt }
  }

  /** The copy, even one that may not be shown any more. */
  peek(id: string): Copy | null {
    return this.#entries.get(id)?.copy ?? null
  }

  /** A read begins. */
  start(): Start {
    return { turn: ++this.#turns, at: this.#now() }
  }

  /** What a read has found, kept unless something newer is known. */
  fill({ turn, at }: Start, record: SessionRecord): void {
    const { id, version, lastSeenAt } = record
    const entry = this.#entries.get(id)
    if (turn <= (entry?.turn ?? this.#forgotten)) return
    const old = entry?.copy
    // Nothing was written since, so it ends when it was to end. One that has not is there because somebody knew better.
    const same = old?.version === version && old.lastSeenAt === lastSeenAt && at < old.expiresAt
    const expiresAt = same ? old.expiresAt : Infinity
    this.#put(id, { turn, at, copy: copyOf(record, at, expiresAt) })
  }

  /** From now on there is no copy, and what a read that has begun will find is not kept. */
  drop(id: string): Entry {
    const entry: Entry = { ...this.start(), copy: null }
    this.#put(id, entry)
    return entry
  }

  /** What a write has left, unless anything else was kept or dropped since `dropped`: then nobody knows which came last. */
  settle(id: string, dropped: Entry, copy: Copy | null): void {
    const start = this.start()
    const known = this.#entries.get(id) === dropped
    this.#put(id, { ...start, copy: known ? copy : null })
  }

  #put(id: string, entry: Entry): void {
    this.#remove(id)
    const fits = sizeOf(entry) <= this.#limits.maxBytes
    const kept = fits ? entry : { ...entry, copy: null }
    this.#entries.set(id, kept)
    this.#bytes += sizeOf(kept)
    this.#makeRoom()
  }

  // What was used longest ago is the likeliest to have run out, so every change looks at two of those.
  #makeRoom(): void {
    const { maxSessions, maxBytes } = this.#limits
    let looked = 0
    for (const [id, { turn, at }] of this.#entries) {
      const full = this.#entries.size > maxSessions || this.#bytes > maxBytes
      if (!full && looked++ === 2) return
      if (!full && !this.#ranOut(at)) continue
      this.#remove(id)
      this.#forgotten = Math.max(this.#forgotten, turn)
    }
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#entries.delete(id)
    this.#bytes -= sizeOf(entry)
  }

  #ranOut(at: number): boolean {
    return this.#now() >= at + this.#limits.staleFor
  }

  // When the clock has gone back, nobody knows how old anything is: not now, and not when it comes to the same instants again.
  #now(): number {
    const now = this.#limits.clock()
    if (now < this.#latest) {
      this.#entries.clear()
      this.#bytes = 0
      this.#forgotten = this.#turns
    }
    this.#latest = now
    return now
  }
}

/** A copy of a record, for what it was at an instant. */
export function copyOf(record: SessionRecord, at: number, expiresAt: number): Copy {
  const { version, lastSeenAt } = record
  return { at, text: JSON.stringify(record), version, lastSeenAt, expiresAt }
}

// An engine takes two bytes a character at most.
function sizeOf({ copy }: Entry): number {
  return copy ? copy.text.length * 2 : 0
}
