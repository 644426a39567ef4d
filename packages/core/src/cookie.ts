import { optionError } from './options.ts'
import { TOKEN_LENGTH } from './token.ts'
import type { Transport } from './transport.ts'

/** How the session cookie is set. It is always `HttpOnly`. */
export interface CookieOptions {
  /**
   * Default `__Host-id`: bound to one host, out of reach of its siblings (RFC 6265bis section 4.1.3.2). Such a name allows no other `path`
   * than `/`, no `domain`, and no `secure: false`; one with `__Secure-` only the last of these.
   */
  readonly name?: string
  /** Default none, which `__Host-` demands: the cookie goes back to exactly the host that set it. */
  readonly domain?: string
  /** Default `/`. */
  readonly path?: string
  /** Default `Lax`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None'
  /** Default `true`. Browsers keep such cookies on `http://localhost` too, Safari apart. */
  readonly secure?: boolean
  /** One jar per top-level site (CHIPS). Default `false`. */
  readonly partitioned?: boolean
}

// More cookies of one name than this are not looked at: each costs a MAC, and an honest browser sends one.
const MAX_CANDIDATES = 4
const MAX_COOKIE = 4096

/**
 * Tokens in a cookie.
 *
 * @throws {TypeError} naming the option that would make a browser refuse the cookie without a word.
 */
export function cookieTransport(options: CookieOptions = {}): Transport {
  const {
    name = '__Host-id',
    domain,
    path = '/',
    sameSite = 'Lax',
    secure = true,
    partitioned = false,
  } = options
  // Browsers match prefixes in any case.
  const ofHost = /^__host-/i.test(name)
  const prefixed = /^__(host|secure|http)-/i.test(name)
  const accepted: Record<string, boolean> = {
    name: /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && name.length + TOKEN_LENGTH <= MAX_COOKIE,
    domain: domain === undefined || (!ofHost && /^[\w.-]{1,1024}$/.test(domain)),
    path: ofHost ? path === '/' : /^\/[ -:<-~]{0,1023}$/.test(path),
    sameSite: /^(strict|lax|none)$/i.test(sameSite),
    secure: secure || !(prefixed || partitioned || /none/i.test(sameSite)),
  }
  for (const option in accepted) {
    if (accepted[option]) continue
    const value = options[option as keyof CookieOptions]
    throw optionError(`cookie.${option}`, `what browsers accept for ${name}`, value)
  }

  const start = `${name}=`
  const attributes = `${domain ? `; Domain=${domain}` : ''}; Path=${path}; HttpOnly; SameSite=${sameSite}${
    secure ? '; Secure' : ''
  }${partitioned ? '; Partitioned' : ''}`

  return {
    purpose: `cookie/${name}`,
    vary: 'Cookie',
    read: (request) => valuesOf(request.headers.get('cookie') ?? '', start),
    write(headers, token, maxAge) {
      // There may be only one cookie of a name (RFC 6265bis section 4.1.1), whatever a handler has set.
      const cookies = headers.getSetCookie().filter((cookie) => !cookie.startsWith(start))
      const age = token === null ? 0 : maxAge
      const expiry = age === null ? '' : `; Max-Age=${age}`
      cookies.push(`${start}${token ?? ''}${attributes}${expiry}`)
      headers.delete('set-cookie')
      for (const cookie of cookies) headers.append('set-cookie', cookie)
    },
  }
}

// A scan, since parsing every cookie to find one costs more than all the rest of reading a session.
function valuesOf(header: string, start: string): string[] {
  const values: string[] = []
  for (let at = header.indexOf(start); at >= 0; at = header.indexOf(start, at + 1)) {
    const before = stripped(header.slice(0, at))
    if (before && !before.endsWith(';')) continue
    const [pair = ''] = header.slice(at).split(';', 1)
    if (values.push(stripped(pair).slice(start.length)) === MAX_CANDIDATES) break
  }
  return values
}

// Without the blanks that HTTP knows, and no others. A loop, since a pattern takes time squared for a long run of them.
function stripped(text: string): string {
  let end = text.length
  while (/[ \t]/.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
