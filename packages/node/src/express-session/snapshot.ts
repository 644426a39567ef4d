import type { Json, JsonObject } from '@sojourn/core'
import { FACTS } from './connect-store.ts'
import { Cookie } from './cookie.ts'
import type { CookieData } from './cookie-options.ts'
import type { Opened } from './keeper.ts'
import type { Session } from './session.ts'

/** What a session held at one moment, each key as JSON text. */
export type Snapshot = ReadonlyMap<string, string>

/** The key of what is not the application's. */
export const OWN = '__upgrade'

const NOT_DATA = new Set(['cookie', OWN, FACTS])

/** The data of a session as it is now, its cookie apart. */
export function snapshot(session: Session): Snapshot {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(session)) {
    const text = NOT_DATA.has(key) ? undefined : JSON.stringify(value)
    if (text !== undefined) found.set(key, text)
  }
  return found
}

/** The keys that differ. */
export function changes(before: Snapshot, now: Snapshot): string[] {
  const keys = new Set([...before.keys(), ...now.keys()])
  return [...keys].filter((key) => before.get(key) !== now.get(key))
}

/** Lays what changed, and nothing else, over a session. */
export function applyChanges(opened: Opened, before: Snapshot, now: Snapshot): void {
  for (const key of changes(before, now)) {
    const text = now.get(key)
    if (text === undefined) opened.delete(key)
    else opened.set(key, JSON.parse(text))
  }
}

/** A cookie's settings, without when it expires, to be compared. */
export function settingsOf(cookie: Cookie): string {
  const { expires: _, ...settings } = new Cookie(cookie.data).data
  return JSON.stringify({ ...settings, originalMaxAge: cookie.originalMaxAge })
}

/** What a record keeps of a cookie. */
export function cookieJson(cookie: Cookie): JsonObject {
  return JSON.parse(JSON.stringify(cookie))
}

/** A cookie out of a record, the rest of its life counted from when the session was last seen, where that is known. */
export function cookieFrom(kept: Json | undefined, lastSeenAt: number | null): Cookie | null {
  if (typeof kept !== 'object' || kept === null || !('originalMaxAge' in kept)) return null
  const data = kept as CookieData
  const cookie = new Cookie(data)
  const { originalMaxAge } = data
  if (lastSeenAt !== null && typeof originalMaxAge === 'number') {
    cookie.expires = new Date(lastSeenAt + originalMaxAge)
    cookie.originalMaxAge = originalMaxAge
  }
  return cookie
}
