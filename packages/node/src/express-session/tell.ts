import type { ServerResponse } from 'node:http'
import { handedOut } from '../head.ts'

/**
 * Puts cookies into a head, each in the place of what stood there under its name, and keeps the response out of shared caches. What the native API
 * has told under that name in the same request is newer, and stays.
 */
export function tellCookies(response: ServerResponse, all: readonly string[]): void {
  const nameOf = (cookie: string): string => cookie.split('=', 1)[0] ?? ''
  const newer = handedOut(response).map(nameOf)
  const cookies = all.filter((cookie) => !newer.includes(nameOf(cookie)))
  const names = new Set(cookies.map(nameOf))
  const others = listOf(response, 'set-cookie').filter((cookie) => !names.has(nameOf(cookie)))
  response.setHeader('set-cookie', [...others, ...cookies])
  // RFC 9111 section 5.2.2.5 and, for what tells a CDN more, RFC 9213.
  const isPrivate = /(^|[\s,])private/i.test(listOf(response, 'cache-control').join())
  response.setHeader('cache-control', isPrivate ? 'no-store, private' : 'no-store')
  for (const name of response.getHeaderNames()) {
    if (/-cache-control$|^(surrogate|edge)-control$/.test(name)) response.removeHeader(name)
  }
}

/** Says that the answer depends on the cookie. */
export function tellVary(response: ServerResponse): void {
  const vary = listOf(response, 'vary').join(', ')
  if (/(^|[\s,])(\*|cookie)([\s,]|$)/i.test(vary)) return
  response.setHeader('vary', vary ? `${vary}, Cookie` : 'Cookie')
}

function listOf(response: ServerResponse, name: string): string[] {
  const value = response.getHeader(name)
  if (value === undefined) return []
  return Array.isArray(value) ? value : [String(value)]
}
