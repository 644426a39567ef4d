import { hasLeft } from './freeze-head.ts'
import { HeadDraft, valuesOf } from './head-draft.ts'
import type { NodeResponse } from './message.ts'

/** The head of a response as the core sees it: a `Response` without a body, as far as one is needed. */
export function toResponse(response: NodeResponse): Response {
  const { statusCode } = response
  // The Web knows no others, and no status but 304 makes a difference.
  const status = statusCode >= 200 && statusCode <= 599 ? statusCode : 200
  const head = { status, statusText: '', body: null, headers: new HeadDraft(response) }
  return head as unknown as Response
}

/** Puts into a head what has become of its copy. Gives the cookies that are new in it. */
export function settleHead(response: NodeResponse, { headers }: Response): string[] {
  // Nothing but a few fields has changed.
  if (headers instanceof HeadDraft) return headers.settle()
  for (const name of response.getHeaderNames()) if (!headers.has(name)) response.removeHeader(name)
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || value === valuesOf(response, name).join(', ')) continue
    response.setHeader(name, value)
  }
  const known = valuesOf(response, 'set-cookie')
  const cookies = headers.getSetCookie()
  const fresh = cookies.filter((cookie) => !known.includes(cookie))
  if (fresh.length) response.setHeader('set-cookie', cookies)
  return fresh
}

const handed = new WeakMap<NodeResponse, readonly string[]>()

/** Notes the cookies that sessions have put into a head. */
export function noteHandedOut(response: NodeResponse, cookies: readonly string[]): void {
  if (cookies.length) handed.set(response, [...handedOut(response), ...cookies])
}

/** The cookies that sessions have put into a head. */
export function handedOut(response: NodeResponse): readonly string[] {
  return handed.get(response) ?? []
}

/** Puts cookies back that were put into a head and taken out again, and lets no cache have them. */
export function keepCookies(response: NodeResponse, cookies: readonly string[]): void {
  if (!cookies.length || hasLeft(response)) return
  const known = valuesOf(response, 'set-cookie')
  const lost = cookies.filter((cookie) => !known.includes(cookie))
  if (lost.length) response.setHeader('set-cookie', [...known, ...lost])
  if (/^no-store\b/i.test(valuesOf(response, 'cache-control').join())) return
  response.setHeader('cache-control', 'no-store')
}

// What a response says of itself is not true of the error's that takes its place; a request id or a CORS header still is.
const OF_ITSELF =
  /^(set-cookie|(.+-)?cache-control|surrogate-|expires|etag|last-modified|location|refresh|trailer|transfer-encoding|content-(?!security-))/i

/**
 * Takes back what a response that will not be sent has said of itself, but for cookies that the client must get. What is sent instead is an error,
 * also where nobody says so: a handler that goes on writing while another prepares the answer is not to send a piece of the lost one as a success.
 */
export function withdrawHead(response: NodeResponse, cookies: readonly string[] = []): void {
  for (const name of response.getHeaderNames()) {
    if (OF_ITSELF.test(name)) response.removeHeader(name)
  }
  keepCookies(response, cookies)
  response.statusCode = 500
  if ('stream' in response) {
    dropTrailers(response)
    return
  }
  response.statusMessage = ''
  response.addTrailers({})
}

// HTTP/2 has no way to take them back: to set others only adds to them.
function dropTrailers(response: NodeResponse): void {
  const key = Object.getOwnPropertySymbols(response).find(
    ({ description }) => description === 'trailers',
  )
  const trailers: object = (key && Reflect.get(response, key)) ?? {}
  for (const name of Object.keys(trailers)) Reflect.deleteProperty(trailers, name)
}
