import type { CookieData } from './cookie-options.ts'

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/

const SAME_SITE = { true: 'Strict', strict: 'Strict', lax: 'Lax', none: 'None' }
const PRIORITY = { low: 'Low', medium: 'Medium', high: 'High' }

/**
 * A `Set-Cookie` with the attributes that express-session gives it: `Expires`, and no `Max-Age`.
 *
 * @throws {TypeError} naming what no header can carry.
 */
export function serializeCookie(name: string, value: string, data: CookieData): string {
  const parts = [`${valid('name', NAME, name)}=${valid('value', VALUE, value)}`]
  const { domain, path, expires, httpOnly, secure, sameSite, partitioned, priority } = data
  if (domain) parts.push(`Domain=${valid('domain', ATTRIBUTE, domain)}`)
  if (path) parts.push(`Path=${valid('path', ATTRIBUTE, path)}`)
  if (expires) {
    const date = new Date(expires)
    if (Number.isNaN(date.valueOf())) throw new TypeError('option expires is invalid')
    parts.push(`Expires=${date.toUTCString()}`)
  }
  if (httpOnly) parts.push('HttpOnly')
  if (secure) parts.push('Secure')
  if (partitioned) parts.push('Partitioned')
  if (priority) parts.push(`Priority=${chosen('priority', PRIORITY, priority)}`)
  if (sameSite) parts.push(`SameSite=${chosen('sameSite', SAME_SITE, sameSite)}`)
  return parts.join('; ')
}

function valid(option: string, pattern: RegExp, text: string): string {
  if (pattern.test(text)) return text
  throw new TypeError(`option ${option} is invalid: ${JSON.stringify(text)}`)
}

function chosen(option: string, words: Record<string, string>, value: unknown): string {
  const word = Object.entries(words).find(([key]) => key === String(value).toLowerCase())
  if (word) return word[1]
  throw new TypeError(`option ${option} is invalid: ${JSON.stringify(value)}`)
}
