import { MAX_COOKIE_AGE } from '../lifetime.ts'
import { parseCookieDate } from './cookie-date.ts'

/** What a `Set-Cookie` line says, before a browser judges it. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Lower case and without a leading dot; empty: the host that sent the line, and no other. */
  readonly domain: string
  /** `null`: the default path of the URL. */
  readonly path: string | null
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'Strict' | 'Lax' | 'None' | null
  readonly partitioned: boolean
  /** In epoch milliseconds; `null`: until the browser closes. */
  readonly expiresAt: number | null
}

const MAX_COOKIE = 4096
const MAX_ATTRIBUTE = 1024

/** Reads a line as Chromium does (RFC 6265bis section 5.6); a text says why the line is refused. */
export function parseSetCookie(line: string, now: number): SetCookie | string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(line)) return 'it has a control character'
  const [pair = '', ...rest] = line.split(';')
  const { name, value } = split(pair, true)
  if (name.includes('\t') || value.includes('\t')) return 'it has a control character'
  if (!name && !value) return 'it has neither name nor value'
  // A header is a text of bytes, so characters count.
  if (name.length + value.length > MAX_COOKIE) return `name and value are over ${MAX_COOKIE} bytes`

  const attributes = new Map<string, string>()
  for (const attribute of rest) {
    const { name, value } = split(attribute, false)
    if (value.length > MAX_ATTRIBUTE) continue
    const key = name.toLowerCase()
    // One that says nothing usable is ignored, so it does not stand in for an earlier one either.
    if (key === 'max-age' && !/^-?\d+$/.test(value)) continue
    if (key === 'expires' && parseCookieDate(value) === null) continue
    attributes.set(key, value)
  }
  const path = attributes.get('path')
  const sameSite = attributes.get('samesite')?.toLowerCase()
  return {
    name,
    value,
    domain: attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '',
    path: path?.startsWith('/') ? path : null,
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: SAME_SITE.find((known) => known.toLowerCase() === sameSite) ?? null,
    partitioned: attributes.has('partitioned'),
    expiresAt: expiry(attributes.get('max-age'), attributes.get('expires'), now),
  }
}

const SAME_SITE = ['Strict', 'Lax', 'None'] as const

function split(pair: string, valueAlone: boolean): { name: string; value: string } {
  const equals = pair.indexOf('=')
  if (equals >= 0) return { name: trim(pair.slice(0, equals)), value: trim(pair.slice(equals + 1)) }
  return valueAlone ? { name: '', value: trim(pair) } : { name: trim(pair), value: '' }
}

function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}

// Max-Age counts more than Expires, and neither beyond the cap (RFC 6265bis sections 5.5 and 5.7).
function expiry(
  maxAge: string | undefined,
  expires: string | undefined,
  now: number,
): number | null {
  if (maxAge === undefined && expires === undefined) return null
  const instant =
    maxAge === undefined ? (parseCookieDate(expires ?? '') ?? now) : now + Number(maxAge) * 1000
  return Math.min(instant, now + MAX_COOKIE_AGE * 1000)
}
