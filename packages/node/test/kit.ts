import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
  type ServerResponse,
} from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { createSessions, memoryStore, type SessionEvent } from '@sojourn/core'
import {
  delayed,
  recorded,
  type StoreMoment,
  type StoreVerb,
  clock as startClock,
} from '@sojourn/core/testing'
import { type NodeEvent, type NodeSessionsOptions, nodeSessions } from '@sojourn/node'
import express from 'express'
import { onTestFinished } from 'vitest'

/** Both, as the same module; the older one has no types. */
export const expresses = [
  { name: 'Express 5', express },
  {
    name: 'Express 4',
    express: createRequire(import.meta.url)('express-4') as typeof express,
  },
]

export interface Data {
  visits: number
  cart: string[]
}

/** The sessions of an application under test, whose store, clock and events can be watched. */
export function site(options: NodeSessionsOptions = {}) {
  const clock = startClock()
  const sessionEvents: SessionEvent[] = []
  const events: NodeEvent[] = []
  const failing = new Set<StoreVerb>()
  let delay: (moment: StoreMoment) => unknown = () => {}
  const store = recorded(
    delayed(memoryStore({ clock }), async (moment) => {
      if (moment.when === 'before' && failing.has(moment.verb)) {
        throw new Error(`no ${moment.verb} today`)
      }
      await delay(moment)
    }),
  )
  const sessions = createSessions<Data>({
    store,
    secret: 'a secret of the application, 32 bytes or more',
    clock,
    onEvent: (event) => void sessionEvents.push(event),
  })
  const web = nodeSessions(sessions, { onEvent: (event) => void events.push(event), ...options })
  return {
    web,
    clock,
    /** What the sessions told. */
    sessionEvents,
    /** What the adapter told. */
    events,
    /** Verbs at which the store fails. */
    failing,
    /** The verbs that the store was asked since the last call, in order. */
    calls: () => store.calls.splice(0).map(({ verb }) => verb),
    /** Holds up the next call of a verb. */
    gate(verb: StoreVerb): Gate {
      const reached = Promise.withResolvers<void>()
      const opened = Promise.withResolvers<void>()
      delay = async (moment) => {
        if (moment.verb !== verb || moment.when !== 'before') return
        reached.resolve()
        await opened.promise
      }
      return {
        reached: reached.promise,
        open: opened.resolve,
        fail: () => opened.reject(new Error(`no ${verb} today`)),
      }
    },
    /** The data of the session that a cookie stands for. */
    async dataOf(cookie: string): Promise<Partial<Data>> {
      const headers = new Headers({ cookie })
      return (await sessions.open({ headers })).data as Partial<Data>
    },
  }
}

/** A listener whose session is written before it responds. */
export function visited(
  { web }: ReturnType<typeof site>,
  respond: (response: ServerResponse, request: IncomingMessage) => unknown,
): RequestListener {
  return web.handler(async (request: IncomingMessage, response: ServerResponse) => {
    const session = await web.open(request)
    session.set('visits', 1)
    await respond(response, request)
  })
}

/** A store call held up: when it is asked, and how to let it go on or fail. */
export interface Gate {
  readonly reached: Promise<void>
  open(): void
  fail(): void
}

/** Listens until the test ends. */
export async function listen(of: Server | RequestListener): Promise<URL> {
  const server = typeof of === 'function' ? createServer(of) : of
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

/** A response as the client got it. */
export interface Answer {
  readonly status: number
  readonly message: string
  readonly headers: IncomingHttpHeaders
  readonly trailers: NodeJS.Dict<string>
  readonly text: string
  /** What a browser would send back. */
  readonly cookie: string
}

/** Asks on a connection of its own. */
export async function ask(
  url: URL | string,
  { encoding = 'utf8', ...options }: RequestOptions & { encoding?: BufferEncoding } = {},
): Promise<Answer> {
  const asking = request(url, { agent: false, ...options })
  asking.end()
  const [response] = await once(asking, 'response')
  let text = ''
  for await (const chunk of response.setEncoding(encoding)) text += chunk
  const { statusCode: status, statusMessage: message, headers, trailers } = response
  return { status, message, headers, trailers, text, cookie: cookieOf(headers) }
}

export function cookieOf(headers: IncomingHttpHeaders): string {
  const line = headers['set-cookie']?.find((cookie) => cookie.startsWith('__Host-id='))
  return line?.split(';', 1)[0] ?? ''
}

/** Says something to a server, and gives all that it says until the connection ends. */
export async function talk(url: URL, text: string): Promise<string> {
  const socket = dial(url)
  socket.write(text)
  let answer = ''
  for await (const chunk of socket.setEncoding('latin1')) answer += chunk
  return answer
}

/** A connection that does as it is told. */
export function dial({ port, hostname }: URL): Socket {
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  return socket
}

/** What nobody has caught, by the end of a test. */
export function uncaught(): unknown[] {
  const errors: unknown[] = []
  const note = (error: unknown): void => void errors.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', note)
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
  })
  return errors
}
