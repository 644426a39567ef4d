import { parseSetCookie, type SetCookie } from './set-cookie.ts'

/** A cookie that the browser keeps. */
export interface Cookie extends Omit<SetCookie, 'path'> {
  readonly path: string
  /** Whether it goes back to exactly the host that set it. */
  readonly hostOnly: boolean
  readonly createdAt: number
}

/**
 * How a request of another site's making goes out: a `navigation` of the whole window (a link, a
 * form), or a `subresource` (an image, a frame, a `fetch`).
 */
export type CrossSite = 'navigation' | 'subresource'

/** Where a request goes to, and whose making it is. */
export interface CookieContext {
  readonly url: URL
  /** Default `GET`. */
  readonly method?: string | undefined
  /** `undefined`: it comes from the site itself, or from nobody. */
  readonly crossSite?: CrossSite | undefined
}

/** Cookies under the rules of RFC 6265bis, as Chromium has them. */
export interface CookieJar {
  /** The live cookies, in the order in which they came. */
  list(): readonly Cookie[]
  /** Does what a `Set-Cookie` line says; why it was refused, or `null`. */
  set(line: string, context: CookieContext): string | null
  /** The `Cookie` header of a request; empty if none goes with it. */
  header(context: CookieContext): string
  /** Drops the cookies that a test finds. */
  drop(test: (cookie: Cookie) => boolean): void
}

/** A jar without cookies, whose clock says what has expired. */
export function cookieJar(clock: () => number): CookieJar {
  let cookies: readonly Cookie[] = []

  const jar: CookieJar = {
    list() {
      jar.drop(({ expiresAt }) => expiresAt !== null && expiresAt <= clock())
      return cookies
    },
    set(line, context) {
      const said = parseSetCookie(line, clock())
      if (typeof said === 'string') return said
      const host = context.url.hostname
      const { domain } = said
      const cookie: Cookie = {
        ...said,
        domain: domain || host,
        hostOnly: !domain || (domain === host && !host.includes('.')),
        path: said.path ?? defaultPath(context.url),
        createdAt: clock(),
      }
      const reason = refusal(said, cookie, context) ?? overlay(cookie, jar.list(), context)
      if (reason) return reason
      const old = cookies.find((other) => isSame(cookie, other))
      const kept: Cookie = { ...cookie, createdAt: old?.createdAt ?? cookie.createdAt }
      cookies = old ? cookies.map((other) => (other === old ? kept : other)) : [...cookies, kept]
      return null
    },
    header(context) {
      return jar
        .list()
        .filter((cookie) => goesWith(cookie, context))
        .toSorted((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => (name ? `${name}=${value}` : value))
        .join('; ')
    },
    drop(test) {
      cookies = cookies.filter((cookie) => !test(cookie))
    },
  }
  return jar
}

function isSame(a: Cookie, b: Cookie): boolean {
  const alike = a.name === b.name && a.domain === b.domain && a.path === b.path
  return alike && a.hostOnly === b.hostOnly
}

// RFC 6265bis section 5.7.
function refusal(
  said: SetCookie,
  cookie: Cookie,
  { url, crossSite }: CookieContext,
): string | null {
  const { secure, httpOnly, sameSite, partitioned } = cookie
  const ofAncestor = said.domain && said.domain !== url.hostname
  if (said.domain && !domainMatches(url.hostname, said.domain)) return 'Domain is another host'
  // No public suffix list here: what has no dot is taken for one.
  if (ofAncestor && !said.domain.includes('.')) return 'Domain is a public suffix'
  if (secure && !isTrustworthy(url)) return 'Secure from an insecure origin'
  if (sameSite === 'None' && !secure) return 'SameSite=None without Secure'
  if (partitioned && !secure) return 'Partitioned without Secure'
  if (crossSite === 'subresource' && sameSite !== 'None') return 'its response is cross-site'
  // A cookie without a name is sent as its value, and so could pass for one with a prefix.
  if (!said.name) return PREFIX.test(said.value) ? 'a prefix without a name' : null
  const prefix = PREFIX.exec(said.name)?.[1]?.toLowerCase() ?? ''
  if (prefix && !secure) return 'its prefix without Secure'
  if (prefix.startsWith('host') && said.domain) return 'its prefix with Domain'
  if (prefix.startsWith('host') && said.path !== '/') return 'its prefix without Path=/'
  if (prefix.includes('http') && !httpOnly) return 'its prefix without HttpOnly'
  return null
}

const PREFIX = /^__(secure|host-http|host|http)-/i

// Whoever holds the network cannot cover a cookie that only TLS may set.
function overlay(cookie: Cookie, others: readonly Cookie[], { url }: CookieContext): string | null {
  if (cookie.secure || isTrustworthy(url)) return null
  const covered = others.some(
    ({ name, secure, domain, path }) =>
      secure &&
      name === cookie.name &&
      (domainMatches(domain, cookie.domain) || domainMatches(cookie.domain, domain)) &&
      pathMatches(cookie.path, path),
  )
  return covered ? 'it covers a Secure cookie' : null
}

// RFC 6265bis section 5.8.3, without Chromium's two minutes in which a cookie that says nothing of
// SameSite goes with a cross-site POST too.
function goesWith(cookie: Cookie, { url, method = 'GET', crossSite }: CookieContext): boolean {
  const { hostname, pathname } = url
  const { hostOnly, domain, path, secure, sameSite } = cookie
  if (hostOnly ? hostname !== domain : !domainMatches(hostname, domain)) return false
  if (!pathMatches(pathname, path) || (secure && !isTrustworthy(url))) return false
  if (!crossSite || sameSite === 'None') return true
  const safe = /^(GET|HEAD|OPTIONS|TRACE)$/i.test(method)
  return crossSite === 'navigation' && sameSite !== 'Strict' && safe
}

function domainMatches(host: string, domain: string): boolean {
  if (host === domain) return true
  return host.endsWith(`.${domain}`) && !/^[\d.]+$|^\[/.test(host)
}

function pathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false
  return path === cookiePath || cookiePath.endsWith('/') || path[cookiePath.length] === '/'
}

function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}

function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^((.*\.)?localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
}
