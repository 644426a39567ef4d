import { bodyOf, hasBody } from './body.ts'
import type { NodeRequest, NodeResponse } from './message.ts'
import { type OriginOf, originOf } from './origin.ts'
import { urlOf } from './target.ts'

export interface ToRequestOptions {
  /** Tells the scheme: that of `nodeSessions` knows its `trustProxy`. Default: the socket's. */
  readonly originOf?: OriginOf
  /** With it, `signal` is aborted when the client goes before it has had its response. Default: before it has sent its request. */
  readonly response?: NodeResponse
}

type Init = RequestInit & { duplex: 'half' }

/**
 * A `Request` of the Web for a request of Node, with the same stream for a body: read as it is asked for, and failed when the client goes. Once for a
 * request, since a body is read once.
 *
 * Nothing that a client sends makes it throw. A `Host` that is missing or cannot be one gives `host.invalid`, which is nobody's. `X-Forwarded-Host`
 * is not read.
 *
 * A session that is opened with it is another object than that of `NodeSessions.open`, and committed by nobody but you.
 */
export function toRequest(
  request: NodeRequest,
  { originOf: origin = socketOrigin, response }: ToRequestOptions = {},
): Request {
  const { method = 'GET' } = request
  // Under Express and Connect, `url` lacks where they are mounted.
  const { originalUrl: target = request.url ?? '/' } = request as { originalUrl?: string }
  const headers = headersOf(request)
  const url = urlOf(origin(request).scheme, target, headers.get('host') ?? undefined)
  const init: Init = { headers, signal: signalOf(request, response), duplex: 'half' }
  // The Web's constructor refuses what its `fetch` would not send; a server may be sent it all the same.
  if (REFUSED.test(method))
    return Object.defineProperty(new Request(url, init), 'method', { value: method })
  const body = !BODYLESS.test(method) && hasBody(request) ? bodyOf(request) : null
  return new Request(url, { ...init, method, body })
}

const socketOrigin = originOf(false)

// Over HTTP/2 a method comes in any letters, and the Web does not mind them.
const BODYLESS = /^(get|head)$/i
const REFUSED = /^(connect|trace|track)$/i

/** As Node has them: cookies are one list again, and what may come once comes once. */
function headersOf({ headers }: NodeRequest): Headers {
  const found = new Headers()
  const { host = headers[':authority'] } = headers
  for (const [name, value] of Object.entries({ ...headers, host })) {
    // Those of HTTP/2 with a colon are no headers.
    if (value === undefined || name.startsWith(':')) continue
    for (const one of Array.isArray(value) ? value : [value]) found.append(name, one)
  }
  return found
}

function signalOf(request: NodeRequest, response: NodeResponse | undefined): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  if ('stream' in request) {
    if (request.aborted) abort()
    else request.once('aborted', abort)
    return controller.signal
  }
  const isDone = (): boolean => (response ? response.writableFinished : request.readableEnded)
  const end = (): void => void (isDone() || abort())
  const source = response ?? request
  if (source.destroyed) end()
  else source.once('close', end)
  return controller.signal
}
