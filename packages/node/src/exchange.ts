import { type ReadOptions, type Session, SessionError, type Sessions } from '@sojourn/core'
import { endOfTurn } from './end-of-turn.ts'
import { hasLeft } from './freeze-head.ts'
import { keepCookies, noteHandedOut, settleHead, toResponse, withdrawHead } from './head.ts'
import { HeadGate } from './hold-head.ts'
import type { NodeRequest, NodeResponse } from './message.ts'

/** A session's part in one request: opened at most once, and committed before the head leaves. */
export class Exchange<Data extends object> {
  readonly #sessions: Sessions<Data>
  readonly #request: NodeRequest
  readonly #handsOut: (cookies: readonly string[]) => void
  #response: NodeResponse | undefined
  #gate: HeadGate | undefined
  #failed: (error: unknown) => void = () => {}
  #opening: Promise<Session<Data>> | undefined
  #first: ReadOptions | undefined
  #settling: Promise<() => void> | undefined
  #isLeaving = false
  #cookies: string[] = []

  /** `handsOut` is told of the cookies that the response carries for the session. */
  constructor(
    sessions: Sessions<Data>,
    request: NodeRequest,
    handsOut: (cookies: readonly string[]) => void,
  ) {
    this.#sessions = sessions
    this.#request = request
    this.#handsOut = handsOut
  }

  /**
   * Lets the head of a response wait for the commit; the first one's only. `failed` is told when the commit fails, or what was written while it went
   * on. Where the head has not left, nothing of the response has, and it can be written anew.
   */
  attach(response: NodeResponse, failed: (error: unknown) => void): void {
    if (this.#response) return
    this.#response = response
    this.#failed = failed
    this.#gate = new HeadGate(response)
    if (this.#opening && !hasLeft(response)) this.#hold(response)
  }

  open(options?: ReadOptions): Promise<Session<Data>> {
    this.#first ??= { ...options }
    this.#opening ??= this.#begin(this.#first)
    return options?.authoritative && !this.#first.authoritative
      ? Promise.reject(new TypeError('"authoritative" must come first'))
      : this.#opening
  }

  #begin(options: ReadOptions): Promise<Session<Data>> {
    const response = this.#response
    if (this.#settling || (response && hasLeft(response))) return Promise.reject(tooLate())
    if (response) this.#hold(response)
    return endOfTurn(requestLike(this.#request)).then((request) =>
      this.#sessions.open(request, options),
    )
  }

  #hold(response: NodeResponse): void {
    this.#gate?.hold({
      before: () => this.#leave(response),
      failed: (error) => {
        if (!hasLeft(response)) withdrawHead(response, this.#cookies)
        this.#failed(error)
      },
    })
  }

  #leave(response: NodeResponse): Promise<() => void> {
    this.#isLeaving = true
    // Who has committed by hand was told how that ended.
    return this.#settling?.catch(() => () => {}) ?? this.#settle(response)
  }

  /** Commits, once, and puts into the head what the client is to be told. */
  async commit(response: NodeResponse): Promise<void> {
    const settle = await this.#settle(response)
    // A head on its way does that itself.
    if (!this.#isLeaving) settle()
  }

  #settle(response: NodeResponse): Promise<() => void> {
    this.#settling ??= this.#write(response)
    return this.#settling
  }

  async #write(response: NodeResponse): Promise<() => void> {
    // Whoever asked for a session that could not be opened was told so.
    const session = await this.#opening?.catch(() => null)
    if (!session) return () => {}
    let committed: Response | null = await this.#sessions.commit(
      session,
      toResponse(response),
      platform,
    )
    return () => {
      if (!committed) return keepCookies(response, this.#cookies)
      this.#cookies = settleHead(response, committed)
      noteHandedOut(response, this.#cookies)
      committed = null
      this.#handsOut(this.#cookies)
    }
  }

  /** Drops what the request has changed, and waits for what was sent before it failed: errors often end the connection. */
  async discard(): Promise<void> {
    const session = await this.#opening?.catch(() => null)
    if (session && !this.#settling) session.discard()
    await this.#gate?.left
  }
}

// The process lives on, so a touch need not hold up the response. The core has told as an event where it fails.
const platform = { waitUntil: (promise: Promise<unknown>) => void promise.catch(() => {}) }

function requestLike({ headers }: NodeRequest): { headers: { get(name: string): string | null } } {
  return {
    headers: {
      get(name) {
        const value = headers[name.toLowerCase()]
        return Array.isArray(value) ? value.join(', ') : (value ?? null)
      },
    },
  }
}

export function tooLate(): SessionError {
  return new SessionError(
    'ERR_SESSION_COMMITTED',
    'The response left before the session was opened',
  )
}
