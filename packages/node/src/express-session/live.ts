import type { Cookie } from './cookie.ts'
import { cookieFrom, cookieJson, settingsOf } from './kept-cookie.ts'
import type { Keeper, Opened, Told } from './keeper.ts'
import { Session, type SessionRequest } from './session.ts'
import { applyChanges, changes, OWN, type Snapshot, snapshot } from './snapshot.ts'
import { confirmUpgrade, forgetUpgrade } from './upgrade.ts'

/** What a session of a request stands on. */
export interface Names {
  readonly id: string
  readonly token: string
}

/** One session within one request: the properties that the application sees, and what is stored. */
export class Live {
  readonly names: Names
  /** Whether the client does not know it yet. */
  readonly fresh: boolean
  session: Session
  /** Whether it is in the store. */
  stored: boolean
  /** What the client is to be told beside what the cookie's rules say. */
  told: Told
  /** Whether it is to be stored even if nothing is set. */
  wanted = false
  /** Whether this request has written it. */
  written = false
  /** When it was used last; `null` where the store alone knows. */
  lastSeenAt: number | null = null
  /** Whether it is over, here or elsewhere: nothing brings it back. */
  #ended = false
  readonly #keeper: Keeper
  readonly #defaults: () => Cookie
  #opened: Opened | null
  #first: Snapshot
  #last: Snapshot
  readonly #firstSettings: string
  #settings: string
  /** The settings of the cookie that the record has; another than the application sees where it lacked one, or lived longer than that said. */
  #keptSettings: string
  #confirms = false

  constructor(
    keeper: Keeper,
    names: Names,
    session: Session,
    opened: Opened | null,
    defaults: () => Cookie,
    told?: Told,
  ) {
    this.names = names
    this.session = session
    this.fresh = opened === null
    this.stored = opened !== null
    this.told = told
    this.#keeper = keeper
    this.#defaults = defaults
    this.#opened = opened
    this.#first = snapshot(session)
    this.#last = this.#first
    this.#firstSettings = settingsOf(session.cookie)
    this.#settings = this.#firstSettings
    this.#keptSettings = keptSettings(opened)
    // Who comes with the token has it.
    if (opened && told === undefined) this.#confirms = confirmUpgrade(opened)
  }

  /** Whether the application has changed any data since it got the session. */
  get modified(): boolean {
    const written = this.#first !== this.#last && changes(this.#first, this.#last).length > 0
    return written || changes(this.#first, snapshot(this.session)).length > 0
  }

  /** Whether the cookie is another than the client has. */
  get resets(): boolean {
    return settingsOf(this.session.cookie) !== this.#firstSettings
  }

  /** Whether anything is to be written. */
  get changed(): boolean {
    if (this.#confirms || settingsOf(this.session.cookie) !== this.#settings) return true
    return changes(this.#last, snapshot(this.session)).length > 0
  }

  /** Writes what changed since it was read or written. `false`: the session has ended meanwhile. */
  async save(session: Session = this.session): Promise<boolean> {
    if (this.#ended) return false
    const begins = !this.stored
    const opened = this.#opened ?? (await this.#open(begins))
    this.#opened = null
    try {
      return opened.id === null ? this.#lose() : await this.#write(opened, session, begins)
    } finally {
      if (begins) this.#keeper.forget(this.names.id)
    }
  }

  async #write(opened: Opened, session: Session, begins: boolean): Promise<boolean> {
    const { id, token } = this.names
    const now = snapshot(session)
    const { cookie } = session
    const settings = settingsOf(cookie)
    applyChanges(opened, this.#last, now)
    const cookieNow = cookieJson(cookie)
    const { expires = null } = cookieNow
    if (settings !== this.#keptSettings) opened.set('cookie', cookieNow)
    else opened.update('cookie', (kept) => ({ ...(kept as object), expires }))
    // The native API is to know whom the application remembers.
    if (begins || settings !== this.#settings) {
      opened.remember(this.#keeper.idle.isLonger(cookie, this.#defaults()))
    }
    forgetUpgrade(opened)
    const told = await this.#keeper.commit(opened, begins ? id : undefined)
    if (opened.id === null) return this.#lose()
    if (told !== undefined && told !== token) this.told = told
    this.#keptSettings = settings
    if (session === this.session) {
      if (changes(this.#last, now).length) this.#last = now
      this.#settings = settings
    }
    this.#confirms = false
    this.stored = true
    this.written = true
    return true
  }

  /** Lets go of what was opened and not changed. */
  async release(): Promise<void> {
    const opened = this.#opened
    this.#opened = null
    const told = opened && (await this.#keeper.commit(opened))
    if (typeof told === 'string') this.told = told
  }

  /** Ends it in the store. */
  async end(): Promise<void> {
    const opened = this.#opened
    this.#opened = null
    this.#ended = true
    // Where that fails it may be tried again.
    if (this.stored) await this.#keeper.end(opened ?? this.names.id)
    this.stored = false
  }

  /** Reads it again. */
  async reload(request: SessionRequest): Promise<void> {
    const opened = this.stored ? await this.#open(false) : null
    if (!opened?.id) throw new Error('failed to load session')
    this.#opened = opened
    this.session = sessionFrom(request, opened, this.#keeper.cookieOf(opened, null, this.#defaults))
    this.#last = snapshot(this.session)
    this.#settings = settingsOf(this.session.cookie)
    this.#keptSettings = keptSettings(opened)
  }

  #open(begins: boolean): Promise<Opened> {
    const { id, token } = this.names
    return begins ? this.#keeper.begin(id, token) : this.#keeper.open(this.told || token)
  }

  #lose(): false {
    this.stored = false
    this.#ended = true
    return false
  }
}

/** What the application sees of a session. */
export function sessionFrom(request: SessionRequest, opened: Opened, cookie: Cookie): Session {
  const { cookie: _kept, [OWN]: _own, ...data } = opened.data
  return new Session(request, { cookie, ...data })
}

function keptSettings(opened: Opened | null): string {
  const kept = opened && cookieFrom(opened.get('cookie'), null)
  return kept ? settingsOf(kept) : ''
}
