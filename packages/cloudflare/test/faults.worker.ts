import { env } from 'cloudflare:workers'
import { SessionObject as Base, durableObjectStore } from '@sojourn/cloudflare'
import { createSessions, type SessionError } from '@sojourn/core'

export { SubjectObject } from '@sojourn/cloudflare'

interface Trouble {
  readonly method: string
  readonly when: string
  readonly how: string
}

// What the next request for a method meets, and how many came.
let trouble: Trouble | null = null
let requests: string[] = []

/** A session's object that can be broken from outside. */
export class SessionObject extends Base {
  override read(...args: Parameters<Base['read']>): ReturnType<Base['read']> {
    return this.#do('read', () => super.read(...args))
  }

  override update(...args: Parameters<Base['update']>): ReturnType<Base['update']> {
    return this.#do('update', () => super.update(...args))
  }

  async #do<T>(method: string, act: () => Promise<T>): Promise<T> {
    requests.push(method)
    const met = trouble?.method === method ? trouble : null
    if (met) trouble = null
    if (met?.when === 'before') await this.#meet(met.how)
    const answer = await act()
    if (met?.when === 'after') await this.#meet(met.how)
    return answer
  }

  async #meet(how: string): Promise<void> {
    // A connection that is lost inside of the object is one that was lost to whoever asked it.
    if (how === 'lost') await fetch('http://127.0.0.1:1/')
    if (how === 'reset') (this.ctx as unknown as { abort(reason: string): void }).abort('reset')
  }
}

const store = durableObjectStore({ sessions: env.SESSIONS, subjects: env.SUBJECTS })
const sessions = createSessions<{ visits: number }>({ store, secret: 'x'.repeat(32) })

export default {
  async fetch(request: Request): Promise<Response> {
    const [, verb, method = '', when = '', how = ''] = new URL(request.url).pathname.split('/')
    if (verb === 'trouble') {
      trouble = { method, when, how }
      requests = []
      return new Response()
    }
    try {
      const session = await sessions.open(request)
      if (verb === 'visit') session.update('visits', (n = 0) => n + 1)
      const answer = { id: session.id, visits: session.get('visits') ?? 0, requests }
      const response = await sessions.commit(session, new Response())
      return Response.json({ ...answer, id: session.id }, response)
    } catch (error) {
      const { name, code, cause } = error as SessionError
      const { retryable = false, durableObjectReset: reset = false } = cause as Record<
        string,
        unknown
      >
      return Response.json({ name, code, retryable, reset, requests }, { status: 500 })
    }
  },
}
