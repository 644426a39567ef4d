import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createSessions, memoryStore } from '@sojourn/core'
import { recorded } from '@sojourn/core/testing'
import { nodeSessions } from '@sojourn/node'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function app() {
  const store = recorded(memoryStore())
  const sessions = createSessions<{ name: string; visits: number }>({ store })
  const web = nodeSessions(sessions)
  const sockets = new WebSocketServer({ noServer: true })
  const server = createServer(
    web.handler(async (request, response) => {
      const session = await web.open(request)
      session.set('name', 'Ada')
      session.signIn('ada', { method: 'password' })
      response.end()
    }),
  )
  return { store, sessions, web, sockets, server }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function signIn(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`)
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** The first message of a socket. */
async function firstMessage(port: number, headers: Record<string, string>): Promise<unknown> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers })
  closers.push(() => socket.terminate())
  const [message] = await once(socket, 'message')
  return JSON.parse(String(message))
}

/** An application that tells each socket whose it is. */
async function telling() {
  const { store, sessions, web, sockets, server } = app()
  server.on('upgrade', async (request: IncomingMessage, socket, head) => {
    const session = await web.open(request)
    // A change that is never committed.
    session.update('visits', (visits = 0) => visits + 1)
    sockets.handleUpgrade(request, socket, head, (open) => {
      const { id, subject } = session
      open.send(JSON.stringify({ id, subject, name: session.get('name') ?? null }))
    })
  })
  return { store, sessions, port: await listen(server) }
}

describe('a WebSocket', () => {
  it('has the session of who is signed in', async () => {
    const { sessions, port } = await telling()
    const cookie = await signIn(port)
    const [session] = await sessions.list('ada')
    expect(await firstMessage(port, { cookie })).toEqual({
      id: session?.id,
      subject: 'ada',
      name: 'Ada',
    })
  })

  it('is anonymous with a forged cookie, and with none', async () => {
    const { port } = await telling()
    const cookie = await signIn(port)
    const forged = cookie.slice(0, -1) + (cookie.endsWith('A') ? 'B' : 'A')
    const nobody = { id: null, subject: null, name: null }
    expect(await firstMessage(port, { cookie: forged })).toEqual(nobody)
    expect(await firstMessage(port, {})).toEqual(nobody)
  })

  it('commits nothing: its store is asked for one read, and its client is given no cookie', async () => {
    const { store, port } = await telling()
    const cookie = await signIn(port)
    const before = store.calls.length
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { cookie } })
    closers.push(() => socket.terminate())
    const message = once(socket, 'message')
    const [response] = (await once(socket, 'upgrade')) as [IncomingMessage]
    await message
    expect(response.headers['set-cookie']).toBeUndefined()
    expect(store.calls.slice(before).map(({ verb }) => verb)).toEqual(['read'])
  })

  it('can be refused before it is one', async () => {
    const { web, server, sockets } = app()
    server.on('upgrade', async (request: IncomingMessage, socket, head) => {
      const { subject } = await web.open(request)
      if (subject === null) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return sockets.handleUpgrade(request, socket, head, (open) => open.send('"welcome"'))
    })
    const port = await listen(server)
    const cookie = await signIn(port)
    expect(await firstMessage(port, { cookie })).toBe('welcome')
    const stranger = new WebSocket(`ws://127.0.0.1:${port}/`).on('error', () => {})
    const [, response] = (await once(stranger, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(401)
    response.destroy()
  })
})

describe('a stream of events', () => {
  it('has its session and its cookie before the first event, and goes on after it', async () => {
    const { store, web } = app()
    const streams = createServer(
      web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const session = await web.open(request)
        session.update('visits', (visits = 0) => visits + 1)
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`data: ${session.get('visits')}\n\n`)
        await new Promise((resolve) => request.socket.once('close', resolve))
      }),
    )
    const port = await listen(streams)
    const response = await fetch(`http://127.0.0.1:${port}/`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(store.calls.map(({ verb }) => verb)).toEqual(['create'])
    expect(await reader?.read()).toEqual({ done: false, value: 'data: 1\n\n' })
    await reader?.cancel()
  })

  it('is not written to a client that goes while the commit is under way', async () => {
    const gate = Promise.withResolvers<void>()
    const memory = memoryStore()
    const creating = Promise.withResolvers<void>()
    const slow: typeof memory = {
      ...memory,
      async create(record: Parameters<typeof memory.create>[0], until: number) {
        creating.resolve()
        await gate.promise
        return memory.create(record, until)
      },
    } as typeof memory
    const web = nodeSessions(createSessions<{ a: number }>({ store: slow }))
    const closed = Promise.withResolvers<boolean>()
    const port = await listen(
      createServer(
        web.handler(async (request: IncomingMessage, response: ServerResponse) => {
          const session = await web.open(request)
          session.set('a', 1)
          response.on('close', () => closed.resolve(response.writableFinished))
          response.write('data: 1\n\n')
        }),
      ),
    )
    const client = connect(port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await creating.promise
    client.destroy()
    expect(await closed.promise).toBe(false)
    gate.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(memory.size).toBe(1)
  })
})
