import { expect, vi } from 'vitest'
import { type AnyStore, createSessions, type SessionEvent, type Sessions } from '../../src/index.ts'
import { nobleCrypto } from '../../src/noble-crypto.ts'
import { delayed, faultyStore } from '../../src/testing/index.ts'
import { type Data, Ledger } from './ledger.ts'
import { Outage } from './outage.ts'
import { BROWSERS, type Program, type Request as Requested, STORE_TIMEOUT } from './program.ts'
import { type Open, Visitor } from './visitor.ts'

/** What came of a request: its response, the error page's too where there is one, and what it failed with. */
export interface Outcome {
  readonly response: Response | null
  readonly error?: unknown
}

/** Answers requests with a handler that is given its session. */
export type Serve = (
  sessions: Sessions<Data>,
) => (request: Request, handler: (open: Open) => Promise<Response>) => Promise<Outcome>

/** `wrap` of the core. */
export const wrapped: Serve = (sessions) => (request, handler) =>
  sessions
    .wrap((_, open) => handler(open))(request)
    .then(
      (response) => ({ response }),
      (error: unknown) => ({ response: null, error }),
    )

export interface Setting {
  /** The store below the faults, by the faked `Date.now`. */
  readonly newStore: () => AnyStore
  /** What stands above them. */
  readonly wrapStore?: (store: AnyStore) => AnyStore
  readonly serve?: Serve
}

const DAY = 86_400
const started = Date.UTC(2026, 0, 1)
// Never faked: all that is due in this moment comes before it.
const afterAllTurns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Plays a program, and checks on the way, and after its end, that whatever was acknowledged holds. */
export async function play(program: Program, setting: Setting): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: started })
  try {
    const stage = new Stage(program, setting)
    for (const step of program.steps) {
      await stage.wait(step.pause)
      stage.outage.begin(step)
      await stage.round(step.requests)
    }
    await stage.recover()
  } finally {
    vi.useRealTimers()
  }
}

class Stage {
  readonly ledger = new Ledger()
  readonly outage = new Outage(this.ledger)
  readonly #store: AnyStore
  readonly #sessions: Sessions<Data>
  readonly #serve: ReturnType<Serve>
  readonly #events: SessionEvent[] = []
  readonly #cookies: (string | null)[] = Array.from({ length: BROWSERS }, () => null)
  #requests = 0

  constructor({ turns, renewal }: Program, setting: Setting) {
    const { newStore, wrapStore = (store) => store, serve = wrapped } = setting
    this.#store = newStore()
    let calls = 0
    const slow = delayed(this.#store, async () => {
      for (let left = turns[calls++ % turns.length] ?? 0; left > 0; left--) await undefined
    })
    const faulty = faultyStore(turns.length ? slow : this.#store, (call) => this.outage.next(call))
    this.#sessions = createSessions<Data>({
      store: wrapStore(faulty),
      secret: 'a secret of the application, 32 bytes or more',
      crypto: nobleCrypto,
      storeTimeout: STORE_TIMEOUT,
      idleTimeout: 5 * DAY,
      absoluteTimeout: 50 * DAY,
      ...(renewal && { renewalTimeout: DAY / 2 }),
      onEvent: (event) => void this.#events.push(event),
    })
    this.#serve = serve(this.#sessions)
  }

  /** Lets seconds pass. */
  async wait(seconds: number): Promise<void> {
    const told = this.#events.length
    vi.advanceTimersByTime(seconds * 1000)
    await afterAllTurns()
    expect(this.#events.slice(told), 'a late answer is told').toEqual([])
  }

  /** Requests that overlap. */
  async round(requests: readonly Requested[]): Promise<void> {
    this.ledger.round++
    const told = this.#events.length
    const start = Date.now()
    let left = requests.length
    const visits = requests.map((request) => this.#visit(request).finally(() => left--))
    const all = Promise.all(visits)
    // Its failure is looked at below.
    all.catch(() => {})
    for (await afterAllTurns(); left > 0; await afterAllTurns()) {
      if (!vi.getTimerCount()) expect.fail('A request never ends')
      vi.advanceTimersToNextTimer()
    }
    await all
    expect(Date.now() - start, 'a request took too long').toBeLessThanOrEqual(this.outage.time)
    const events = this.#events.slice(told)
    const failures = events.filter(({ type }) => type === 'store-failure')
    expect(failures, 'each failure is told once').toHaveLength(this.outage.failures)
    for (const { type, id } of events) if (type === 'revoked' && id) this.ledger.end(id)
    for (const look of this.ledger.later.splice(0)) look()
    await this.#check()
  }

  /** The store is well again: the very next requests are, and so is what they find. */
  async recover(): Promise<void> {
    const everybody = this.#cookies.map((_, browser) => ({ browser, acts: [{ act: 'count' }] }))
    this.outage.begin()
    const timers = vi.getTimerCount()
    for (let time = 0; time < 2; time++) {
      for (const request of everybody as Requested[]) await this.round([request])
    }
    expect(vi.getTimerCount(), 'an answer leaves a timer behind').toBe(timers)
    // Whatever is still to come, hours later or not, changes nothing of that.
    await this.wait(3600)
    expect(vi.getTimerCount()).toBe(0)
    await this.#check()
    for (const request of everybody as Requested[]) await this.round([request])
    await this.#replay()
  }

  async #visit({ browser, acts }: Requested): Promise<void> {
    const cookie = this.#cookies[browser] ?? null
    const name = String(browser)
    const { ledger, outage } = this
    const number = ++this.#requests
    const visitor = new Visitor(this.#sessions, ledger, outage, { name, cookie }, number)
    const headers: HeadersInit = cookie === null ? {} : { cookie }
    const request = new Request('https://app.test/', { headers })
    const outcome = await this.#serve(request, (open) => visitor.handle(open, acts))
    const failed = 'error' in outcome
    if (failed) {
      outage.explains(outcome.error, !acts.length)
      for (const response of [visitor.response, visitor.handled ? outcome.response : null]) {
        expect(response?.headers.getSetCookie() ?? [], 'a failed write sets a cookie').toEqual([])
      }
    }
    visitor.end(!failed)
    for (const line of outcome.response?.headers.getSetCookie() ?? []) {
      this.#keep(browser, line, visitor)
    }
  }

  #keep(browser: number, line: string, { session }: Visitor): void {
    const [cookie = ''] = line.split(';')
    if (/Max-Age=0/.test(line)) {
      this.#cookies[browser] = null
      return
    }
    expect(session?.id, 'a cookie of no session').toBeTruthy()
    const generation = Number(cookie.split('.')[1])
    const former = this.ledger.issued.get(this.#cookies[browser] ?? '')
    // An answer that was overtaken on its way by that of a sign-in puts its own cookie over the newer one, and no server can help that.
    if (former && former.id === session?.id && former.generation > generation) {
      this.ledger.entry(former.id).mayBeReplaced = true
    }
    this.ledger.issued.set(cookie, { id: session?.id ?? '', generation })
    this.#cookies[browser] = cookie
  }

  // With no request under way.
  async #check(): Promise<void> {
    for (const entry of this.ledger.entries.values()) {
      this.ledger.checkRecord(entry, await this.#store.read(entry.id))
    }
    for (const cookie of this.#cookies) {
      const issued = cookie === null ? undefined : this.ledger.issued.get(cookie)
      const record = issued && (await this.#store.read(issued.id))
      if (!issued || !record) continue
      const known = this.ledger.entry(issued.id).mayBeReplaced
      const why = 'a token was replaced, and its browser does not have the new one'
      if (!known) expect(record.generation, why).toBe(issued.generation)
      expect(record.generation).toBeGreaterThanOrEqual(issued.generation)
    }
  }

  // Every cookie that was ever handed out, once more.
  async #replay(): Promise<void> {
    for (const [cookie, { id }] of this.ledger.issued) {
      const session = await this.#sessions.open(
        new Request('https://a.test', { headers: { cookie } }),
      )
      expect([id, null]).toContain(session.id)
      if (session.id) this.ledger.check(this.ledger.entry(id), session.data, this.ledger.round + 1)
    }
  }
}
