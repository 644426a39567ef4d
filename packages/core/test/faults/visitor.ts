import { expect } from 'vitest'
import { type Session, SessionError, type Sessions } from '../../src/index.ts'
import type { Changes, Data, Ledger } from './ledger.ts'
import type { Outage } from './outage.ts'
import type { Act } from './program.ts'

export type Open = () => Promise<Session<Data>>

/** One request: what it does, and what that comes to. */
export class Visitor {
  readonly #sessions: Sessions<Data>
  readonly #ledger: Ledger
  readonly #outage: Outage
  readonly #cookie: string | null
  readonly #subject: string
  readonly #name: string
  session: Session<Data> | null = null
  /** What its own session had for an id when it was opened. */
  #opened: string | null = null
  /** Whether the handler came to its end. */
  handled = false
  readonly response = new Response('ok')
  changes: Changes = { marks: [], values: [], subject: null }

  constructor(
    sessions: Sessions<Data>,
    ledger: Ledger,
    outage: Outage,
    browser: { readonly name: string; readonly cookie: string | null },
    number: number,
  ) {
    this.#sessions = sessions
    this.#ledger = ledger
    this.#outage = outage
    this.#cookie = browser.cookie
    // Two of the three browsers are one person's.
    this.#subject = browser.name === '0' ? 'ada' : 'bob'
    this.#name = `${browser.name}:${number}`
  }

  /** Opens the session, checks what it shows, and does what was asked. */
  async handle(open: Open, acts: readonly Act[]): Promise<Response> {
    const session = await open()
    this.session = session
    this.#opened = session.id
    this.#checkOpened(session)
    for (const [at, act] of acts.entries()) await this.#perform(session, act, `${this.#name}.${at}`)
    this.handled = true
    return this.response
  }

  /** Writes down what the answer promises. */
  end(answered: boolean): void {
    const { session, changes } = this
    if (answered && session?.id) this.#ledger.acknowledge(session.id, changes)
    else if (this.#opened !== null) this.#ledger.doubt(this.#opened, changes)
  }

  #checkOpened(session: Session<Data>): void {
    const { round } = this.#ledger
    const expected = this.#cookie === null ? undefined : this.#ledger.issued.get(this.#cookie)
    if (session.id !== null) {
      expect(session.id, 'a cookie opens another session').toBe(expected?.id)
      this.#ledger.check(this.#ledger.entry(session.id), session.data, round)
      const own = (session.data.log ?? []).filter((mark) => mark[0] !== this.#name[0])
      expect(own, 'a session has what another browser did').toEqual([])
      return
    }
    if (!expected || this.#outage.misread) return
    this.#ledger.later.push(() => {
      const { id, ended, mayBeGone, mayBeReplaced } = this.#ledger.entry(expected.id)
      const newest = this.#ledger.newest(id)
      const known = ended <= round || mayBeGone || mayBeReplaced || newest > expected.generation
      expect(known, `a cookie of session ${id} opens nothing`).toBe(true)
    })
  }

  async #perform(session: Session<Data>, act: Act, mark: string): Promise<void> {
    const { changes } = this
    switch (act.act) {
      case 'count':
        session.update('log', (log = []) => [...log, mark])
        changes.marks.push(mark)
        return
      case 'set':
        session.set(act.key, mark)
        changes.values.push([act.key, mark])
        return
      case 'signIn':
        session.signIn(this.#subject, { method: 'test' })
        changes.subject = this.#subject
        return
      case 'regenerate':
        return session.regenerate()
      case 'remember':
        return session.remember()
      case 'list':
        return this.#list()
      case 'revoke':
        return this.#tolerating(act.caught, () => this.#revoke(session))
      case 'revokeById':
        return this.#tolerating(act.caught, () => this.#revokeById(session.id))
      case 'revokeAll':
        return this.#revokeAll(act.others ? session.id : null)
    }
  }

  async #tolerating(caught: boolean, attempt: () => Promise<void>): Promise<void> {
    try {
      await attempt()
    } catch (error) {
      if (!caught || !(error instanceof SessionError)) throw error
      this.#outage.explains(error)
    }
  }

  async #revoke(session: Session<Data>): Promise<void> {
    const { id } = session
    // What it had changed goes with it, and what comes is another's.
    this.changes = { marks: [], values: [], subject: null }
    this.#opened = null
    await session.revoke()
    if (id !== null) this.#ledger.end(id)
  }

  async #revokeById(id: string | null): Promise<void> {
    if (id !== null && (await this.#sessions.revoke(id))) this.#ledger.end(id)
  }

  async #list(): Promise<void> {
    const { round } = this.#ledger
    const ids = (await this.#sessions.list(this.#subject)).map(({ id }) => id)
    for (const id of ids) {
      expect(this.#ledger.entry(id).ended, 'a list has what has ended').toBeGreaterThanOrEqual(
        round,
      )
    }
    const missing = this.#ledger.of(this.#subject).filter(({ id }) => !ids.includes(id))
    this.#ledger.later.push(() => {
      for (const { ended, mayBeGone } of missing) {
        expect(ended <= round || mayBeGone, 'a list lacks a session').toBe(true)
      }
    })
  }

  async #revokeAll(except: string | null): Promise<void> {
    const before = this.#ledger.of(this.#subject)
    await this.#sessions.revokeAll(this.#subject, { except })
    for (const { id } of before) if (id !== except) this.#ledger.end(id)
  }
}
