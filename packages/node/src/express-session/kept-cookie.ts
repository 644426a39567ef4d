import type { Json, JsonObject } from '@sojourn/core'
import { Cookie } from './cookie.ts'
import type { CookieData } from './cookie-options.ts'

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
