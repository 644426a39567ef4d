import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { Cookie } from './cookie.ts'
import type { CookieOptions } from './cookie-options.ts'

/** Whether a request came over HTTPS, as express-session tells it: by the socket, then by whom `proxy` believes. */
export function isSecure(request: IncomingMessage, proxy: boolean | undefined): boolean {
  if ((request.socket as TLSSocket | undefined)?.encrypted) return true
  if (proxy === false) return false
  if (proxy !== true) return (request as { secure?: unknown }).secure === true
  const header = request.headers['x-forwarded-proto']
  const [first = ''] = String(header ?? '').split(',')
  return first.trim().toLowerCase() === 'https'
}

/** The cookie that a session begins with: `'auto'` is what the request is. */
export function cookieFor(
  request: IncomingMessage,
  given: CookieOptions,
  proxy: boolean | undefined,
): Cookie {
  const cookie = new Cookie(given)
  const secure = isSecure(request, proxy)
  if (given.secure === 'auto') cookie.secure = secure
  if (given.sameSite === 'auto') cookie.sameSite = secure ? 'none' : 'lax'
  return cookie
}

/** The path that was asked for, whatever router is in between. */
export function pathOf(request: IncomingMessage): string {
  const { originalUrl = request.url ?? '' } = request as { originalUrl?: string }
  const [path = ''] = originalUrl.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/)
  return path || '/'
}
