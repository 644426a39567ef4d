import { type Browser, browser } from '@sojourn/core/testing'

/** What a session holds, as far as its clients can know. */
export interface Held {
  visits: number
  subject: string | null
  readonly notes: Record<string, number>
}

/** One session as its clients know it. */
export interface Told {
  readonly id: string
  /** What answers have said. */
  readonly acknowledged: Held
  /** What it holds if every request was carried out. */
  readonly attempted: Held
  ended: 'no' | 'asked' | 'yes'
  /** The request that has had no answer yet. */
  pending: string | null
  /** The cookie as of the last answer, and how often its token had been replaced. */
  cookie: string
  generation: number
}

/** A request, and what it does to what its session holds. */
interface Verb {
  readonly path: string
  apply(held: Held): void
}

/** A request that failed: it may have been carried out or not. */
export class Unanswered extends Error {}

export function visit(): Verb {
  return {
    path: 'visit',
    apply: (held) => {
      held.visits++
    },
  }
}

export function signIn(subject: string): Verb {
  return {
    path: `sign-in/${subject}`,
    apply: (held) => {
      held.subject = subject
    },
  }
}

export function revoke(): Verb {
  return { path: 'revoke', apply: () => {} }
}

/** Sets a key to a number that it has not had. */
export function notes(key: string): () => Verb {
  let last = 0
  return () => {
    const value = ++last
    return {
      path: `note/${key}/${value}`,
      apply: (held) => {
        held.notes[key] = value
      },
    }
  }
}

/** A browser in front of a site that may have moved, or be down, by the next request. */
export function visitor(site: () => URL): Browser {
  return browser(async ({ url, headers }) => {
    const { pathname } = new URL(url)
    const failed = (cause: unknown) => Promise.reject(new Unanswered(pathname, { cause }))
    const response = await fetch(`${site().href}${pathname.slice(1)}`, { headers }).catch(failed)
    // What breaks off is no answer.
    const text = await response.text().catch(failed)
    if (response.ok) return new Response(text, { headers: [...response.headers] })
    if (response.headers.has('set-cookie')) throw new Error(`A cookie came with: ${text}`)
    return failed(text)
  })
}

/**
 * Somebody who goes through a plan again and again, with a new session when there is none. Each call makes one request, and rejects with
 * `Unanswered` when that fails.
 */
export function client(
  browser: Browser,
  plan: readonly (() => Verb)[],
  all: Map<string, Told>,
  shared?: Told,
): () => Promise<void> {
  let turn = 0
  let told = shared
  return async function step() {
    const verb = (told && plan[turn++ % plan.length]?.()) || visit()
    const before = told?.pending ?? ''
    if (told) {
      if (verb.path === 'revoke') told.ended = 'asked'
      told.pending = verb.path
      verb.apply(told.attempted)
    }
    const response = await browser.get(verb.path)
    const { id, generation } = (await response.json()) as { id: string | null; generation: number }
    if (told && id !== told.id) {
      // A request that was not answered may have ended the session, or replaced the token by one that never arrived.
      const lost = /^(sign-in|revoke)/.test(before)
      if (!lost && verb.path !== 'revoke') throw new Error(`Session ${told.id} was lost`)
      if (!lost) told.ended = 'yes'
      told = undefined
    }
    if (id === null) return browser.clearCookies()
    if (!told) {
      told = begun(id)
      all.set(id, told)
      verb.apply(told.attempted)
    }
    verb.apply(told.acknowledged)
    Object.assign(told, { ended: 'no', pending: null, generation })
    told.cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join()
  }
}

function begun(id: string): Told {
  const nothing = (): Held => ({ visits: 0, subject: null, notes: {} })
  const held = { acknowledged: nothing(), attempted: nothing() }
  return { id, ...held, ended: 'no', pending: null, cookie: '', generation: 0 }
}
