import type { Awaitable, SessionRecord } from '@sojourn/core'
import { unref } from '../unref.ts'

/**
 * Why a session is no longer what it was. `revoked`: it was deleted, here or elsewhere. `gone`: it was not there any more, so it has expired or was
 * revoked unheard. `changed`: it speaks for another subject.
 */
export type EndReason = 'revoked' | 'gone' | 'changed'

export type EndListener = (reason: EndReason) => unknown

interface Watch {
  readonly listeners: Set<{ readonly tell: EndListener }>
  /** Whom the session spoke for when it was first looked at; `undefined` until then. */
  subject: string | null | undefined
  /** A look at the session is under way. */
  looking: boolean
  /** Somebody asked meanwhile. */
  again: boolean
}

export interface Looking {
  read(id: string): Awaitable<SessionRecord | null>
  failed(error: unknown): void
}

// So many reads are under way at once.
const BATCH = 100

/** Who is to be told of the end of which session. Whoever is told is forgotten. */
export class Watches {
  readonly #looking: Looking
  readonly #watches = new Map<string, Watch>()

  constructor(looking: Looking) {
    this.#looking = looking
  }

  /** How many sessions are watched. */
  get size(): number {
    return this.#watches.size
  }

  add(id: string, tell: EndListener): () => void {
    const watch = this.#watches.get(id) ?? {
      listeners: new Set(),
      subject: undefined,
      looking: false,
      again: false,
    }
    const own = { tell }
    watch.listeners.add(own)
    this.#watches.set(id, watch)
    void this.#look(id, watch)
    return () => {
      watch.listeners.delete(own)
      if (!watch.listeners.size && this.#watches.get(id) === watch) this.#watches.delete(id)
    }
  }

  /** Tells all who watch a session that it has ended. */
  end(id: string, reason: EndReason): void {
    const watch = this.#watches.get(id)
    this.#watches.delete(id)
    for (const { tell } of watch?.listeners ?? []) this.#tell(tell, reason)
    watch?.listeners.clear()
  }

  /** What a session has become. */
  see({ id, subject }: SessionRecord): void {
    const watch = this.#watches.get(id)
    if (!watch) return
    if (watch.subject === undefined) watch.subject = subject
    if (watch.subject !== subject) this.end(id, 'changed')
  }

  /** Looks at every session again. A batch that takes longer than so many milliseconds is not waited for. */
  async lookAtAll(limit: number): Promise<void> {
    const all = [...this.#watches.keys()]
    for (let first = 0; first < all.length; first += BATCH) {
      const batch = all.slice(first, first + BATCH).map((id) => this.#lookAt(id))
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<void>((resolve) => {
        timer = unref(setTimeout(resolve, limit))
      })
      await Promise.race([Promise.all(batch), late])
      clearTimeout(timer)
    }
  }

  /** Forgets everybody, untold. */
  clear(): void {
    for (const { listeners } of this.#watches.values()) listeners.clear()
    this.#watches.clear()
  }

  // Thousands who begin to watch one session at once need two looks, not thousands.
  async #look(id: string, watch: Watch): Promise<void> {
    watch.again = true
    if (watch.looking) return
    watch.looking = true
    while (watch.again && watch.listeners.size) {
      watch.again = false
      await this.#lookAt(id)
    }
    watch.looking = false
  }

  async #lookAt(id: string): Promise<void> {
    try {
      const record = await this.#looking.read(id)
      if (record) this.see(record)
      else this.end(id, 'gone')
    } catch (error) {
      this.#looking.failed(error)
    }
  }

  #tell(tell: EndListener, reason: EndReason): void {
    const failed = (error: unknown): void => this.#looking.failed(error)
    try {
      const telling = tell(reason)
      if (telling instanceof Promise) telling.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
