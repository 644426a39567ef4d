import { expect } from 'vitest'
import { SessionError } from '../../src/index.ts'
import type { StoreCall, StoreFault, StoreVerb } from '../../src/testing/index.ts'
import type { Ledger } from './ledger.ts'
import { type Fault, STORE_TIMEOUT, type Step } from './program.ts'

const LIMIT = STORE_TIMEOUT * 1000

/** Gives each call its fault, and knows what may come of them. */
export class Outage {
  readonly #ledger: Ledger
  #faults: (Fault | null)[] = []
  #outage: Step['outage'] = null
  /** What calls failed with, and what they were asked. */
  readonly #errors = new Map<unknown, StoreVerb>()
  readonly #timeouts = new Set<StoreVerb>()
  #garbage = 0
  /** Calls that failed or were out of time, in this step. */
  failures = 0
  /** Whether a read of this step answered garbage, and so may have opened nothing. */
  misread = false
  /** How long the calls of this step may take one after the other, in milliseconds. */
  time = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Begins a step; without one all goes well from now on. */
  begin(step?: Step): void {
    this.#faults = [...(step?.faults ?? [])]
    this.#outage = step?.outage ?? null
    this.#errors.clear()
    this.#timeouts.clear()
    this.#garbage = this.failures = this.time = 0
    this.misread = false
  }

  next({ verb, id }: StoreCall): StoreFault | null {
    const out = this.#outage && (this.#outage.verb ?? verb) === verb
    const fault = out ? this.#outage?.fault : this.#faults.shift()
    if (!fault) return null
    const { kind, when } = fault
    if (kind === 'late') {
      this.time += Math.min(fault.delay, LIMIT)
      if (fault.delay > LIMIT) this.#expire(verb, id, true)
      return { kind, when, delay: () => new Promise((go) => setTimeout(go, fault.delay)) }
    }
    if (kind === 'hangs') {
      this.time += LIMIT
      this.#expire(verb, id, when === 'after')
      return fault
    }
    if (kind === 'garbage') {
      this.#garbage++
      this.misread ||= verb === 'read'
      this.#lose(verb, id)
      return fault
    }
    if (kind === 'answers-twice' && when === 'after') return fault
    this.failures++
    const error = new Error(`${kind} ${when} a ${verb}`)
    this.#errors.set(error, verb)
    if (when === 'after' || kind === 'answers-twice') this.#lose(verb, id)
    return { kind, when, error }
  }

  /** Whether what a request failed with is what it may fail with; one that only looks does not fail at a write that can wait. */
  explains(error: unknown, looks = false): void {
    if (!(error instanceof SessionError)) throw error
    const grave = (verb: StoreVerb): boolean =>
      looks ? verb === 'read' || verb === 'list' : verb !== 'touch'
    if (error.code === 'ERR_SESSION_TIMEOUT') {
      const verbs = [...this.#timeouts].filter(grave)
      expect(verbs, 'nothing was out of time that mattered').not.toEqual([])
      expect(error.message).toContain(`${LIMIT} ms`)
      return
    }
    expect(error.code).toBe('ERR_SESSION_STORE')
    if (this.#garbage && !this.#errors.has(error.cause)) return
    const verb = this.#errors.get(error.cause)
    expect(verb && grave(verb), 'nothing failed so that mattered').toBe(true)
  }

  #expire(verb: StoreVerb, id: string | null, acts: boolean): void {
    this.#timeouts.add(verb)
    this.failures++
    if (acts) this.#lose(verb, id)
  }

  // The store does it, and nobody hears so.
  #lose(verb: StoreVerb, id: string | null): void {
    if (id === null) return
    if (verb === 'delete') this.#ledger.entry(id).mayBeGone = true
    if (verb === 'update') this.#ledger.entry(id).mayBeReplaced = true
  }
}
