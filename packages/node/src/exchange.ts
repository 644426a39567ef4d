import { type ReadOptions, type Session, SessionError, type Sessions } from '@sojourn/core'
import { settleHead, toResponse, withdrawHead } from './head.ts'
import { holdHead } from './hold-head.ts'
import type { NodeRequest, NodeResponse } from './message.ts'

/** Where an exchange tells what becomes of it. */
export interface ExchangeEvents {
  /** The commit failed. Nothing of the response has left, and it can be written anew. */
  failed(error: unknown): void
  /** The response hands out these cookies. */
  handsOut(cookies: readonly string[]): void
}

/** A session's part in one request: opened at most once, and committed before the head leaves. */
export class Exchange<Data extends object> {
  readonly #sessions: Sessions<Data>
  readonly #request: NodeRequest
  readonly #response: NodeResponse | null
  readonly #events: ExchangeEvents
  #opening: Promise<Session<Data>> | undefined
  #first: ReadOptions | undefined
  #left = false

  constructor(
    sessions: Sessions<Data>,
    request: NodeRequest,
    response: NodeResponse | null,
    events: ExchangeEvents,
  ) {
    this.#sessions = sessions
    this.#request = request
    this.#response = response
    this.#events = events
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
    if (this.#left || response?.headersSent) return Promise.reject(tooLate())
    if (response) {
      holdHead(
        response,
        () => this.settle(response),
        (error) => {
          if (!response.headersSent) withdrawHead(response)
          this.#events.failed(error)
        },
      )
    }
    return this.#sessions.open(requestLike(this.#request), options)
  }

  /** Commits, once; what then is to be done to the head. */
  async settle(response: NodeResponse): Promise<() => void> {
    const left = this.#left
    this.#left = true
    // Whoever asked for a session that could not be opened was told so.
    const session = left ? null : await this.#opening?.catch(() => null)
    if (!session) return () => {}
    const committed = await this.#sessions.commit(session, toResponse(response), platform)
    return () => this.#events.handsOut(settleHead(response, committed))
  }

  /** Drops what the request has changed. */
  async discard(): Promise<void> {
    const session = await this.#opening?.catch(() => null)
    if (session && !this.#left) session.discard()
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
