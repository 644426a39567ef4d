import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { cookieTransport } from '@sojourn/core'

/** A request after whatever cookie parser came first. */
export interface ParsedRequest extends IncomingMessage {
  readonly cookies?: Readonly<Record<string, unknown>>
  readonly signedCookies?: Readonly<Record<string, unknown>>
}

/** Reads what a request presents under a cookie's name. */
export type ReadPresented = (request: ParsedRequest) => readonly string[]

/**
 * The values of a cookie, as they came; at most a few.
 *
 * @throws {TypeError} for a name that is no cookie's.
 */
export function presentedAs(name: string): ReadPresented {
  const transport = cookieTransport({ name })
  return (request) => {
    const header = request.headers.cookie ?? ''
    const values = transport.read({ headers: { get: () => header } })
    if (values.length) return values
    // A parser may have taken the header away.
    const parsed = request.cookies?.[name]
    return typeof parsed === 'string' ? [parsed] : []
  }
}

const put = new WeakMap<ParsedRequest, string>()

/** Whether a request has a token by `present`, and so its client may not know it. */
export function isPut(request: ParsedRequest, token: string): boolean {
  return put.get(request) === token
}

/** Lets whoever reads the request's cookies after this find a token under a name, and nothing under the one before. */
export function present(
  request: ParsedRequest,
  name: string,
  token: string,
  previousName: string,
): void {
  const { headers } = request
  put.set(request, token)
  const others = (headers.cookie ?? '').split(/; */).filter((pair) => {
    const [found = ''] = pair.split('=', 1)
    return found !== '' && found !== name && found !== previousName
  })
  headers.cookie = [...others, `${name}=${token}`].join('; ')
}

/** The id in a cookie signed by express-session, and the position of the secret that did; `null` for any other. */
export function unsign(
  value: string,
  secrets: readonly (string | Uint8Array)[],
): { readonly id: string; readonly secret: number } | null {
  const text = decoded(value)
  if (!text.startsWith('s:')) return null
  const dot = text.lastIndexOf('.')
  const id = text.slice(2, dot)
  const given = Buffer.from(text.slice(dot + 1))
  for (const [index, secret] of secrets.entries()) {
    const mac = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
    const expected = Buffer.from(mac)
    if (dot > 2 && expected.length === given.length && timingSafeEqual(expected, given)) {
      return { id, secret: index }
    }
  }
  return null
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replace(/^"(.*)"$/, '$1'))
  } catch {
    return value
  }
}
