import { expect } from 'vitest'
import { SessionError } from '../../src/index.ts'
import type { StoreCall, StoreFault } from '../../src/testing/index.ts'
import type { Ledger } from './ledger.ts'
import { type Fault, STORE_TIMEOUT, type Step } from './program.ts'

const LIMIT = STORE_TIMEOUT * 1000

/** Gives each call its fault, and knows what may come of them. */
export class Outage {
  readonly #ledger: Ledger
  #faults: (Fault | null)[] = []
  #always: Fault | null = null
  readonly #errors = new Set<unknown>()
  #timeouts = 0
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
    this.#always = step?.outage ?? null
    this.#errors.clear()
    this.#timeouts = this.#garbage = this.failures = this.time = 0
    this.misread = false
  }

  next({ verb, id }: StoreCall): StoreFault | null {
    const fault = this.#always ?? this.#faults.shift() ?? null
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
    this.#errors.add(error)
    if (when === 'after' || kind === 'answers-twice') this.#lose(verb, id)
    return { kind, when, error }
  }

  /** Whether what a request failed with is what it may fail with. */
  explains(error: unknown): void {
    if (!(error instanceof SessionError)) throw error
    if (error.code === 'ERR_SESSION_TIMEOUT') {
      expect(this.#timeouts, 'nothing was out of time').toBeGreaterThan(0)
      expect(error.message).toContain(`${LIMIT} ms`)
      return
    }
    expect(error.code).toBe('ERR_SESSION_STORE')
    if (this.#garbage && !this.#errors.has(error.cause)) return
    expect([...this.#errors]).toContain(error.cause)
  }

  #expire(verb: string, id: string | null, acts: boolean): void {
    this.#timeouts++
    this.failures++
    if (acts) this.#lose(verb, id)
  }

  // The store does it, and nobody hears so.
  #lose(verb: string, id: string | null): void {
    if (id === null) return
    if (verb === 'delete') this.#ledger.entry(id).mayBeGone = true
    if (verb === 'update') this.#ledger.entry(id).mayBeReplaced = true
  }
}
