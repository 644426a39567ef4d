import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { onTestFinished } from 'vitest'
import { cookieOf, listen, type site } from './kit.ts'

/** Responds over HTTP/2. */
export type Respond = (response: Http2ServerResponse, request: Http2ServerRequest) => unknown
type Made = ReturnType<typeof site>

/** A listener whose session is written before it responds. */
export function visited({ web }: Made, respond: Respond) {
  return web.handler(async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const session = await web.open(request)
    session.set('visits', 1)
    await respond(response, request)
  })
}

/** A connection to a server that lives until the test ends. */
export async function client(
  handle: (request: Http2ServerRequest, response: Http2ServerResponse) => unknown,
): Promise<ClientHttp2Session> {
  const session = connect(await listen(createServer((...args) => void handle(...args))))
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

/** A response as the client got it. */
export interface Answer {
  readonly headers: IncomingHttpHeaders & { ':status'?: number }
  readonly trailers: IncomingHttpHeaders
  readonly text: string
  readonly cookie: string
}

export async function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const stream = session.request(headers).setEncoding('utf8')
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (given) => (trailers = given))
  const [answered] = (await once(stream, 'response')) as [Answer['headers']]
  let text = ''
  for await (const chunk of stream) text += chunk
  return { headers: answered, trailers, text, cookie: cookieOf(answered) }
}

/** Without what is the session's, and without the date. */
export function plain({ headers, trailers, text }: Answer): unknown {
  const { 'set-cookie': cookies, 'cache-control': _, vary: __, date: ___, ...rest } = headers
  const theirs = cookies?.filter((cookie) => !cookie.startsWith('__Host-id='))
  return { rest, theirs: theirs?.length ? theirs : null, trailers, text }
}
