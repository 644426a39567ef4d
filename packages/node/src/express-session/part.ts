import type { IncomingMessage, ServerResponse } from 'node:http'
import { withdrawHead } from '../head.ts'
import { hasLeft } from '../freeze-head.ts'
import { HeadGate } from '../hold-head.ts'
import type { App } from './app.ts'
import { beforeEnd } from './before-end.ts'
import type { Cookie } from './cookie.ts'
import { cookiesOf, removal } from './cookies-of.ts'
import type { Keeper, Opened, Told } from './keeper.ts'
import { Live, sessionFrom } from './live.ts'
import { cookieFor } from './origin.ts'
import { type Behind, Session, type SessionRequest, stand } from './session.ts'
import { type Current, settle } from './settle.ts'
import { tellCookies, tellVary } from './tell.ts'
import { warnOnce } from './warn.ts'

type Request = IncomingMessage & SessionRequest

/** A session's part in one request. */
export class Part implements Current {
  readonly #app: App
  readonly #keeper: Keeper
  readonly #request: Request
  readonly #response: ServerResponse
  readonly #next: (error?: unknown) => void
  #live: Live | null = null
  /** What was ended by this request, so that its cookie goes. */
  #ended: Live | null = null
  #gate: HeadGate | null
  readonly #hasFormerCookie: boolean
  #busy: Promise<unknown> = Promise.resolve()

  constructor(
    app: App,
    keeper: Keeper,
    request: Request,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) {
    this.#app = app
    this.#keeper = keeper
    this.#request = request
    this.#response = response
    this.#next = next
    const { name, previousName } = app
    const header = request.headers.cookie ?? ''
    this.#hasFormerCookie = previousName !== name && header.includes(`${previousName}=`)
    this.#gate = isResponse(response) ? new HeadGate(response, { endsOnce: true }) : null
  }

  /** Begins an empty session once somebody looks at it. */
  beginWhenAsked(): void {
    for (const name of ['session', 'sessionID'] as const) {
      Object.defineProperty(this.#request, name, {
        configurable: true,
        enumerable: true,
        get: () => {
          this.begin()
          return this.#request[name]
        },
        set: (value: unknown) => put(this.#request, name, value),
      })
    }
  }

  /** Begins an empty session. `isWanted`: to be stored even if nothing is set. */
  begin({ isWanted = false }: { readonly isWanted?: boolean } = {}): void {
    const names = this.#keeper.mints[0]()
    put(this.#request, 'sessionID', names.id)
    const session = new Session(this.#request, { cookie: this.defaults() })
    const live = new Live(this.#keeper, names, session, null, () => this.defaults())
    live.wanted = isWanted
    this.#enter(live)
  }

  /** Goes on with a session. `told`: what the client is to be told, if it is not what it came with. */
  resume(
    opened: Opened,
    token: string,
    cookie: Cookie,
    lastSeenAt: number | null,
    told?: Told,
  ): void {
    const names = { id: opened.id ?? '', token }
    put(this.#request, 'sessionID', names.id)
    const session = sessionFrom(this.#request, opened, cookie)
    const live = new Live(this.#keeper, names, session, opened, () => this.defaults(), told)
    live.lastSeenAt = lastSeenAt
    this.#enter(live)
  }

  #enter(live: Live): void {
    this.#live = live
    this.show(live)
    this.#holdOnce()
  }

  get live(): Live | null {
    return this.#live
  }

  show(live: Live): void {
    put(this.#request, 'session', stand(live.session, this.#behind(live)))
  }

  #behind(live: Live): Behind {
    // One from before a reload is saved as it is, if that is asked for.
    const { session } = live
    return {
      id: live.names.id,
      save: () =>
        this.#inTurn(async () => {
          session.touch()
          await live.save(session)
        }),
      reload: () =>
        this.#inTurn(async () => {
          await live.reload(this.#request)
          this.show(live)
        }),
      destroy: () => {
        Reflect.deleteProperty(this.#request, 'session')
        return this.#inTurn(() => this.end(live))
      },
      // Asked for, it is stored with nothing in it as well.
      regenerate: () =>
        this.#inTurn(() => this.end(live).finally(() => this.begin({ isWanted: true }))),
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(work)
    this.#busy = turn.catch(() => {})
    return turn
  }

  async end(live: Live): Promise<void> {
    if (!live.fresh) this.#ended = live
    if (this.#live === live) this.#live = null
    await live.end()
  }

  /** The cookie that a session of this request begins with. */
  defaults(): Cookie {
    return cookieFor(this.#request, this.#app.cookieOf(this.#request), this.#app.proxy)
  }

  #holdOnce(): void {
    const response = this.#response
    const gate = this.#gate
    this.#gate = null
    if (!gate) return
    if (hasLeft(response)) {
      this.#holdEnd()
      return
    }
    gate.hold({
      before: () => this.#inTurn(() => this.#leave()),
      failed: (error) => {
        if (hasLeft(response)) {
          warnOnce('LATE', `A session could not be saved after the head had left: ${String(error)}`)
          response.destroy()
          return
        }
        withdrawHead(response)
        this.#next(error)
      },
    })
  }

  // What express-session does when a response ends, before its head leaves.
  async #leave(): Promise<() => void> {
    const live = await settle(this.#app, this.#keeper, this.#request, this)
    const cookies = live ? cookiesOf(this.#app, this.#request, live) : []
    if (this.#ended && !cookies.length) cookies.push(removal(this.#app.name, this.#ended))
    const known = live ?? this.#ended
    if (cookies.length && known && this.#hasFormerCookie) {
      cookies.push(removal(this.#app.previousName, known))
    }
    return () => {
      if (cookies.length) tellCookies(this.#response, cookies)
      tellVary(this.#response)
      // What is told and written at once is the usual case.
      queueMicrotask(() => {
        if (!this.#response.writableEnded) this.#holdEnd()
      })
    }
  }

  #holdEnd(): void {
    beforeEnd(this.#response, () => this.#inTurn(() => this.#settleLate()))
  }

  // The head has left and the body goes on: what changes from now on is written before it ends, as it was.
  async #settleLate(): Promise<void> {
    const live = this.#live
    if (!live) return
    if (!this.#request.session) {
      if (this.#app.unsetDestroys) await this.end(live)
    } else if (live.stored && this.#request.session === live.session && live.changed) {
      await live.save()
    }
  }
}

// A request of a socket comes with a response that is none, or hardly one: that of socket.io has events, and no head.
function isResponse(response: Partial<ServerResponse> | undefined): boolean {
  return typeof response?.on === 'function' && typeof response.getHeaderNames === 'function'
}

function put(request: Request, name: 'session' | 'sessionID', value: unknown): void {
  Object.defineProperty(request, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value,
  })
}
