import type { Engine } from './engine.ts'
import { SessionError } from './errors.ts'
import { cloneJson, copyJson, type DeepReadonly } from './json.ts'
import { type Deadlines, deadlines } from './lifetime.ts'
import { optionError } from './options.ts'
import {
  authenticateAgain,
  changeKey,
  clearData,
  EMPTY_PATCH,
  makePersistent,
  type Patch,
  type Step,
  signInAs,
  valueAt,
} from './patch.ts'
import { type Authentication, newRecord, type SessionRecord } from './record.ts'
import { anonymousState, type State } from './state.ts'
import { endSession } from './subjects.ts'

/** How a subject proved who they are. */
export interface SignInOptions {
  /** A word of the application's for the method: `password`, `passkey`. */
  readonly method: string
  /** Whether the session survives the browser ("remember me"). Default: as it was, at first `false`. */
  readonly persistent?: boolean
}

/**
 * What a session stands on, closed to changes from now on.
 *
 * @throws {SessionError} `ERR_SESSION_COMMITTED` the second time.
 */
export let closeState: <Data extends object>(session: Session<Data>) => State

/**
 * A session's part in one request. Everything but `revoke` is synchronous and waits for `commit`.
 *
 * Values read are copies, and `readonly` in their types: a change made inside one changes nothing here. Use `set` or `update`.
 */
export class Session<Data extends object> {
  readonly #engine: Engine
  readonly #state: State
  // The record as this request sees it, its own changes included.
  #view: SessionRecord

  static {
    closeState = (session) => {
      const state = session.#open()
      state.committed = true
      return state
    }
  }

  /** Sessions come from `open`. */
  constructor(engine: Engine, state: State) {
    this.#engine = engine
    this.#state = state
    this.#view = state.record ?? newRecord('', 0)
  }

  /** The public name, the same for the session's whole life; `null` while nothing is stored. */
  get id(): string | null {
    return this.#state.record?.id ?? null
  }

  /** Whom the session speaks for; `null` while anonymous. Only `signIn` changes it. */
  get subject(): string | null {
    return this.#view.subject
  }

  /** How the subject proved who they are, and when. */
  get authentications(): readonly Authentication[] {
    return this.#view.authentications
  }

  /** Whether the session survives the browser. */
  get persistent(): boolean {
    return this.#view.persistent
  }

  /** How often the token was replaced. */
  get generation(): number {
    return this.#state.record?.generation ?? 0
  }

  /** When the session ends and its token is due for renewal, in epoch milliseconds; `null` while nothing is stored. */
  get deadlines(): Deadlines | null {
    return this.#state.record && deadlines(this.#state.record, this.#engine.policy)
  }

  /** A copy of all data at once: the application's keys and nothing else. */
  get data(): DeepReadonly<Partial<Data>> {
    return cloneJson(this.#view.data) as DeepReadonly<Partial<Data>>
  }

  /** A copy of the value of a key, or `undefined`. */
  get<K extends keyof Data & string>(key: K): DeepReadonly<Data[K]> | undefined {
    return cloneJson(valueAt(this.#view.data, key)) as DeepReadonly<Data[K]> | undefined
  }

  /** Whether a key has a value. */
  has(key: keyof Data & string): boolean {
    return Object.hasOwn(this.#view.data, key)
  }

  /**
   * Sets a key to a copy of a value. A value equal to the one there is no change, and costs no write.
   *
   * @throws {TypeError} naming the key of what is not JSON.
   * @throws {SessionError} `ERR_SESSION_COMMITTED` after `commit`, as every change does.
   */
  set<K extends keyof Data & string>(key: K, value: Data[K] | DeepReadonly<Data[K]>): this {
    const copy = copyJson(key, value)
    return this.#change(changeKey(key, () => copy))
  }

  /** Removes a key. `false`: it was not there. */
  delete(key: keyof Data & string): boolean {
    const had = this.has(key)
    this.#change(changeKey(key, () => undefined))
    return had
  }

  /**
   * Sets a key to what a function makes of its value; `undefined` removes it. The function runs again when the session is written, on the
   * newest value, so that no increment is lost: it must be synchronous and free of side effects.
   */
  update<K extends keyof Data & string>(
    key: K,
    next: (value: DeepReadonly<Data[K]> | undefined) => Data[K] | DeepReadonly<Data[K]> | undefined,
  ): this {
    return this.#change(
      changeKey(key, (value) => {
        const made = next(value as DeepReadonly<Data[K]> | undefined)
        return made === undefined ? undefined : copyJson(key, made)
      }),
    )
  }

  /** Removes all data. The session stays. */
  clear(): void {
    this.#change(clearData)
  }

  /**
   * From now on the session speaks for a subject: with a new token, the old one dead in the same write and without grace, and both timeouts
   * started again (OWASP session fixation; ASVS 7.2.4). What an anonymous session held is kept; what another subject's held is not.
   */
  signIn(subject: string, { method, persistent }: SignInOptions): void {
    const step = signInAs(text('subject', subject), text('method', method), this.#engine.now())
    // Nothing that this request took from another subject's session goes along.
    if (this.subject !== null && this.subject !== subject) this.discard()
    this.#change(step)
    if (persistent !== undefined) this.remember(persistent)
    this.#amend({ replacesToken: true, signIn: { subject, method } })
  }

  /**
   * Records that the subject proved again who they are: a new token, and both timeouts started again (NIST SP 800-63B-4 section 5.2).
   *
   * @throws {TypeError} when nobody is signed in.
   */
  reauthenticate({ method }: { readonly method: string }): void {
    if (this.subject === null) throw new TypeError('Nobody is signed in')
    this.#change(authenticateAgain(text('method', method), this.#engine.now()))
    this.#amend({ replacesToken: true })
  }

  /** Replaces the token, and nothing else, on any change of privilege. The old one is dead in the same write. */
  regenerate(): void {
    this.#amend({ replacesToken: true })
  }

  /** Lets the session survive the browser under the `persistent` timeouts, or no longer. */
  remember(persistent = true): void {
    this.#change(makePersistent(persistent))
  }

  /**
   * Ends the session on the server at once; a later throw does not undo it. `commit` takes the client's token away. What is set afterwards
   * belongs to a new session.
   *
   * @throws {SessionError} when the store fails; the client's token is still taken away by `commit`.
   */
  async revoke(): Promise<void> {
    const state = this.#open()
    const { presented, ending } = state
    // Whoever signs out with the token from before a sign-in that has just happened means that session.
    const record = state.record ?? state.settling
    Object.assign(state, anonymousState(presented), { revoked: presented })
    this.discard()
    state.ending = record ? endSession(this.#engine, record) : ending
    await state.ending
  }

  /** Forgets what this request changed; what it revoked stays revoked. */
  discard(): void {
    this.#amend(EMPTY_PATCH)
    this.#view = this.#state.record ?? newRecord('', 0)
  }

  #change(step: Step): this {
    const { steps } = this.#open().patch
    const changed = step(this.#view)
    if (changed !== this.#view) this.#amend({ steps: [...steps, step] })
    this.#view = changed
    return this
  }

  #amend(part: Partial<Patch>): void {
    const state = this.#open()
    state.patch = { ...state.patch, ...part }
  }

  #open(): State {
    if (this.#state.committed) throw tooLate()
    return this.#state
  }
}

/** What a change after the response has left throws. */
export function tooLate(): SessionError {
  return new SessionError('ERR_SESSION_COMMITTED', 'The response has left')
}

function text(option: string, value: unknown): string {
  if (typeof value === 'string' && value) return value
  throw optionError(option, 'a text', value)
}
