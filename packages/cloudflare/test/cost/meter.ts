import { ENDINGS, KINDS, type Kind, type Phase, UNWANTED } from './kinds.ts'

/** What is billed, as far as it can be counted. */
export interface Units {
  sessionRequests: number
  subjectRequests: number
  rowsRead: number
  rowsWritten: number
  objectByteSeconds: number
  kvReads: number
  kvWrites: number
  kvDeletes: number
  kvLists: number
  kvByteSeconds: number
}

export type Unit = keyof Units

export interface Tally extends Units {
  requests: number
}

export interface Meter {
  /** What is under way: all is counted under it. */
  phase: Phase
  count(unit: Unit, amount?: number): void
  countRequest(): void
  /** An object was asked by a method. */
  countCall(object: 'session' | 'subject', name: string, method: string): void
  /** How often requests of a kind asked objects by a method, such as `session.read`. */
  calls(kind: Kind, method: string): number
  /** Under what the alarm of an object is counted: its session's end belongs to whoever began it. */
  phaseOfAlarm(name: string): Phase
  /** So many bytes are kept under a name from now on, until `until` at the longest. */
  keep(unit: Unit, name: string, bytes: number, until?: number): void
  drop(name: string): void
  /** Counts to its end what is kept until an instant of its own; the names of what is kept for ever. */
  settle(): string[]
  /** What was counted of a kind. */
  tally(kind: Kind): Readonly<Tally>
  /** The sum of some kinds; default all. */
  sum(kinds?: readonly Kind[]): Tally
}

interface Kept {
  readonly phase: Phase
  readonly unit: Unit
  readonly bytes: number
  readonly since: number
  readonly until: number
}

const ALL = [...Object.keys(KINDS), ...Object.keys(ENDINGS)] as readonly Kind[]

export function createMeter(clock: () => number): Meter {
  const tallies = new Map<Phase, Tally>()
  const calls = new Map<string, number>()
  const kept = new Map<string, Kept>()
  const usedBy = new Map<string, Phase>()

  function tallyOf(phase: Phase): Tally {
    const tally = tallies.get(phase) ?? nothing()
    tallies.set(phase, tally)
    return tally
  }

  function drop(name: string, at = clock()): void {
    const one = kept.get(name)
    if (!one) return
    kept.delete(name)
    tallyOf(one.phase)[one.unit] += (one.bytes * (Math.min(at, one.until) - one.since)) / 1000
  }

  return {
    phase: 'before',
    count(unit, amount = 1) {
      tallyOf(this.phase)[unit] += amount
    },
    countRequest() {
      tallyOf(this.phase).requests++
    },
    countCall(object, name, method) {
      this.count(`${object}Requests`)
      const key = `${this.phase} ${object}.${method}`
      calls.set(key, (calls.get(key) ?? 0) + 1)
      if (this.phase !== 'before' && !usedBy.has(name)) usedBy.set(name, this.phase)
    },
    calls: (kind, method) => calls.get(`${kind} ${method}`) ?? 0,
    phaseOfAlarm(name) {
      const phase = usedBy.get(name) ?? 'before'
      if (phase === 'before') return phase
      return UNWANTED.includes(phase) ? 'endedOfBots' : 'ended'
    },
    keep(unit, name, bytes, until = Infinity) {
      drop(name)
      kept.set(name, { phase: this.phase, unit, bytes, since: clock(), until })
    },
    drop: (name) => drop(name),
    settle() {
      for (const [name, { until }] of kept) if (until < Infinity) drop(name, until)
      return [...kept.keys()]
    },
    tally: tallyOf,
    sum(kinds = ALL) {
      const sum = nothing()
      for (const kind of kinds) {
        const tally = this.tally(kind)
        for (const unit of Object.keys(sum) as (keyof Tally)[]) sum[unit] += tally[unit]
      }
      return sum
    },
  }
}

function nothing(): Tally {
  return {
    requests: 0,
    sessionRequests: 0,
    subjectRequests: 0,
    rowsRead: 0,
    rowsWritten: 0,
    objectByteSeconds: 0,
    kvReads: 0,
    kvWrites: 0,
    kvDeletes: 0,
    kvLists: 0,
    kvByteSeconds: 0,
  }
}
