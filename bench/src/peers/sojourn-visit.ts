import type { Session } from '@sojourn/core'
import type { Visit } from '../peer.ts'

export type Data = Record<string, string | number>

/** A session of ours as the application knows it. */
export function visitOf(session: Session<Data>): Visit {
  return {
    get: (key) => session.get(key),
    set: (key, value) => session.set(key, value),
    count: () => session.update('count', (count = 0) => Number(count) + 1),
    end: () => session.revoke(),
    renew: () => session.regenerate(),
  }
}
