import { once } from 'node:events'
import {
  Agent,
  request as ask,
  createServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Session, Sessions } from '@sojourn/core'
import { afterAll } from 'vitest'
import { type Carried, carryThrough } from '../../../core/test/carrier.ts'

/** A response to be sent, in words that every framework has. */
export interface Outgoing {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string
}

/** What a framework's application does for each request. */
export interface Application {
  /** Opens the session, and waits for what is to be sent. */
  answer(
    request: IncomingMessage,
    open: () => Promise<Session<Record<never, never>>>,
  ): Promise<Outgoing>
  /** To be told of what the framework's own way for errors is told. */
  failed(request: IncomingMessage, error: unknown): void
}

/** An application of a framework, with sessions. */
export type Framework = (
  sessions: Sessions<Record<never, never>>,
  application: Application,
) => RequestListener | Promise<RequestListener>

/** One request on its way. */
class Visit {
  readonly opened = Promise.withResolvers<Session<Record<never, never>>>()
  readonly outgoing = Promise.withResolvers<Outgoing>()
  readonly failed = Promise.withResolvers<never>()
  readonly listener: RequestListener

  constructor(listener: RequestListener) {
    this.listener = listener
    for (const { promise } of [this.opened, this.outgoing, this.failed]) promise.catch(() => {})
  }
}

const visits = new Map<string, Visit>()
let last = 0

const visitOf = ({ headers }: IncomingMessage): Visit =>
  visits.get(String(headers['x-visit'])) as Visit

const application: Application = {
  async answer(request, open) {
    const visit = visitOf(request)
    visit.opened.resolve(await open())
    return visit.outgoing.promise
  },
  failed(request, error) {
    const visit = visitOf(request)
    visit.opened.reject(error)
    visit.failed.reject(error)
  },
}

/** Lets the core's own tests come to their sessions by a framework, over real sockets. */
export async function overSockets(framework: Framework): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  // No test is to find a limit of the server's in place of one of ours, or a connection that has just been closed.
  const limits = { maxHeaderSize: 2 ** 20, keepAliveTimeout: 0 }
  const server = createServer(limits, (request, response) =>
    visitOf(request).listener(request, response),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  carryThrough((sessions) => {
    const listener = framework(sessions as Sessions<Record<never, never>>, application)
    return async (request) => {
      const id = String(++last)
      const visit = new Visit(await listener)
      visits.set(id, visit)
      const headers = { ...Object.fromEntries(request.headers), 'x-visit': id }
      const answer = answerTo(ask({ agent, host: '127.0.0.1', port, headers }).end())
      // Who never commits has no answer.
      answer.catch(() => {})
      return {
        session: await visit.opened.promise,
        async commit(response: Response) {
          visit.outgoing.resolve(await outgoing(response))
          return Promise.race([answer, visit.failed.promise])
        },
      } as unknown as Carried<never>
    }
  })
}

async function outgoing(response: Response): Promise<Outgoing> {
  const cookies = response.headers.getSetCookie()
  const headers = Object.fromEntries(response.headers)
  return {
    status: response.status,
    headers: cookies.length ? { ...headers, 'set-cookie': cookies } : headers,
    body: await response.text(),
  }
}

async function answerTo(asking: ReturnType<typeof ask>): Promise<Response> {
  const [incoming] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  const { statusCode: status = 0, headersDistinct } = incoming
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return new Response([204, 205, 304].includes(status) ? null : text, { status, headers })
}
