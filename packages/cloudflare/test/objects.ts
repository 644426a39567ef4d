import { env } from 'cloudflare:workers'
import { durableObjectStore } from '@sojourn/cloudflare'
import type { SessionRecord } from '@sojourn/core'
import { type Clock, clock as startClock } from '@sojourn/core/testing'

export const MINUTE = 60_000

/** Which object was asked for what. */
export interface ObjectCall {
  readonly object: 'session' | 'subject'
  readonly method: string
  readonly args: readonly unknown[]
}

export interface Objects {
  readonly store: ReturnType<typeof durableObjectStore>
  readonly clock: Clock
  /** What the objects were asked, in order; reading it empties the list. */
  calls(): string[]
}

/** A store on the tests' bindings. `before` and `after` each call may fail or wait. */
export function objects({
  before = () => {},
  after = () => {},
}: {
  before?: (call: ObjectCall) => unknown
  after?: (call: ObjectCall) => unknown
} = {}): Objects {
  const clock = startClock(Date.now())
  const seen: string[] = []
  function watched<T>(namespace: T, object: 'session' | 'subject'): T {
    const { getByName } = namespace as { getByName(name: string): Record<string, Method> }
    const spy = (name: string) => {
      const stub = Reflect.apply(getByName, namespace, [name]) as Record<string, Method>
      // As on the platform, a stub that has failed goes on failing.
      let failure: { error: unknown } | null = null
      return new Proxy(stub, {
        get: (target, method: string) =>
          async function call(...args: unknown[]) {
            seen.push(`${object}.${method}`)
            if (failure) throw failure.error
            try {
              await before({ object, method, args })
              const answer = await target[method]?.(...args)
              await after({ object, method, args })
              return answer
            } catch (error) {
              failure = { error }
              throw error
            }
          },
      })
    }
    return { getByName: spy, jurisdiction: () => {} } as T
  }
  return {
    store: durableObjectStore({
      sessions: watched(env.SESSIONS, 'session'),
      subjects: watched(env.SUBJECTS, 'subject'),
      clock,
    }),
    clock,
    calls: () => seen.splice(0),
  }
}

type Method = (...args: unknown[]) => unknown

/** A record that nobody else has. */
export function sample(clock: Clock, facts: Partial<SessionRecord> = {}): SessionRecord {
  const at = clock()
  return {
    id: `${crypto.randomUUID()}`.replaceAll('-', ''),
    format: 1,
    version: 1,
    generation: 0,
    graceUntil: null,
    createdAt: at,
    startedAt: at,
    generatedAt: at,
    lastSeenAt: at,
    subject: null,
    authentications: [],
    persistent: false,
    device: null,
    data: { cart: ['tea'] },
    ...facts,
  }
}

export function newSubject(): string {
  return `user-${crypto.randomUUID()}`
}
