import type { SessionRecord } from '@sojourn/core'
import type { Cookie } from './cookie.ts'

/** How long sessions live, in seconds, that survive the browser because the native API says so. */
export interface PersistentTimeouts {
  readonly idleTimeout?: number
  readonly absoluteTimeout?: number
}

/** How long sessions live without use, in milliseconds: as long as their own cookie says, as in express-session. */
export interface Idle {
  /** With this cookie, which may be that of a record. */
  of(cookie: unknown): number
  /** As long as a store is to keep a record, whatever cookie that has. */
  atMost(record: SessionRecord): number
  /** Whether a cookie survives the browser, and longer than is usual ("remember me"), which the native API calls persistent. */
  isLonger(cookie: Cookie, usual: Cookie): boolean
  /** Lets the cookie of a session that the native API has made persistent live as long as those do. */
  lengthen(cookie: Cookie, usual: Cookie, lastSeenAt: number): void
}

/** @throws {TypeError} naming the option at fault. */
export function idleBy(
  idleTimeout = 86_400,
  { idleTimeout: ofPersistent = 14 * 86_400 }: PersistentTimeouts = {},
): Idle {
  const usually = milliseconds('idleTimeout', idleTimeout)
  const persistently = milliseconds('persistent.idleTimeout', ofPersistent)
  const idle: Idle = {
    of(cookie) {
      const { originalMaxAge } = (cookie ?? {}) as { originalMaxAge?: number | null }
      return typeof originalMaxAge === 'number' ? originalMaxAge : usually
    },
    atMost: ({ persistent, data: { cookie } }) =>
      Math.max(idle.of(cookie), persistent ? persistently : 0),
    isLonger: (cookie, usual) => Boolean(cookie.expires) && idle.of(cookie) > idle.of(usual),
    lengthen(cookie, usual, lastSeenAt) {
      if (idle.isLonger(cookie, usual) || persistently <= idle.of(usual)) return
      cookie.expires = new Date(lastSeenAt + persistently)
      cookie.originalMaxAge = persistently
    },
  }
  return idle
}

function milliseconds(option: string, seconds: number): number {
  if (Number.isSafeInteger(seconds) && seconds > 0) return seconds * 1000
  throw new TypeError(`"${option}" must be whole seconds from 1, got ${String(seconds)}`)
}
