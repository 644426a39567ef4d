import type { IncomingMessage } from 'node:http'
import type { App } from './app.ts'
import type { CookieData } from './cookie-options.ts'
import type { Live } from './live.ts'
import { isSecure } from './origin.ts'
import { serializeCookie } from './serialize-cookie.ts'
import { warnOnce } from './warn.ts'

/** What a response sets for a session that goes on, by express-session's rules and where the token is another. */
export function cookiesOf(app: App, request: IncomingMessage, live: Live): string[] {
  const { names, told, fresh } = live
  const { cookie } = live.session
  const moves = cookie.expires !== null && live.modified
  if (!(fresh || told || app.rolling || moves || live.resets)) return []
  if (cookie.secure && !isSecure(request, app.proxy)) {
    warnOnce(
      'COOKIE',
      'A Secure session cookie cannot go out over plain HTTP: serve HTTPS, or tell Express which proxies do by "trust proxy", or by "proxy" where requests come past Express',
    )
    return []
  }
  const data = fitting(app.name, cookie.data)
  return [serializeCookie(app.name, told || names.token, data)]
}

/** Takes a session's cookie away. */
export function removal(name: string, { session }: Live): string {
  const data = fitting(name, session.cookie.data)
  return serializeCookie(name, '', { ...data, expires: new Date(0) })
}

// Browsers refuse such a name with a domain, which a session may have kept of its cookie under another name.
function fitting(name: string, data: CookieData): CookieData {
  return /^__host-/i.test(name) ? { ...data, domain: undefined } : data
}
