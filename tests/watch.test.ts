import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { watched } from '@sojourn/stores/watched'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** An application with a sign-in, a sign-out, a stream of events and sockets, which both end with the session. */
async function site(): Promise<{ port: number; sessions: ReturnType<typeof open>['sessions'] }> {
  const { store, sessions, web } = open()
  const sockets = new WebSocketServer({ noServer: true })
  const handlers: Record<string, (req: IncomingMessage, res: ServerResponse) => Promise<unknown>> =
    {
      async '/sign-in'(request, response) {
        const session = await web.open(request)
        session.signIn('ada', { method: 'password' })
        response.end()
      },
      async '/sign-out'(request, response) {
        const session = await web.open(request)
        await session.revoke()
        response.end()
      },
      async '/events'(request, response) {
        const { id } = await web.open(request)
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: hello\n\n')
        if (id === null) return response.end()
        return response.on(
          'close',
          store.watch(id, () => response.end('event: signed-out\n\n')),
        )
      },
    }
  const server = createServer(
    web.handler((request: IncomingMessage, response: ServerResponse) =>
      handlers[request.url ?? '']?.(request, response),
    ),
  )
  server.on('upgrade', async (request: IncomingMessage, socket, head) => {
    const { id } = await web.open(request)
    if (id === null) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    return sockets.handleUpgrade(request, socket, head, (ws) => {
      const stop = store.watch(id, () => ws.close(4401, 'signed out'))
      ws.on('close', stop)
      ws.send('hello')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sessions }
}

function open() {
  const store = watched(memoryStore())
  const sessions = createSessions({ store })
  return { store, sessions, web: nodeSessions(sessions) }
}

async function get(port: number, path: string, cookie = ''): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })
}

async function signIn(port: number): Promise<string> {
  const response = await get(port, '/sign-in')
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

async function openSocket(port: number, cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { cookie } })
  closers.push(() => socket.terminate())
  await once(socket, 'message')
  return socket
}

describe('an open socket', () => {
  it('is closed when its session signs out, and that of another session is not', async () => {
    const { port } = await site()
    const [ada, other] = [await signIn(port), await signIn(port)]
    const [socket, untouched] = [await openSocket(port, ada), await openSocket(port, other)]
    const closed = once(socket, 'close')
    await get(port, '/sign-out', ada)
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([4401, 'signed out'])
    expect(untouched.readyState).toBe(WebSocket.OPEN)
  })

  it('is closed when all sessions of its subject are revoked', async () => {
    const { port, sessions } = await site()
    const cookies = [await signIn(port), await signIn(port)]
    const open = await Promise.all(cookies.map((cookie) => openSocket(port, cookie)))
    const closed = open.map((socket) => once(socket, 'close'))
    expect(await sessions.revokeAll('ada')).toBe(2)
    expect((await Promise.all(closed)).map(([code]) => code)).toEqual([4401, 4401])
  })
})

describe('a stream of events', () => {
  it('ends when its session does', async () => {
    const { port } = await site()
    const cookie = await signIn(port)
    const response = await get(port, '/events', cookie)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader?.read()).toEqual({ done: false, value: 'data: hello\n\n' })
    await get(port, '/sign-out', cookie)
    expect(await reader?.read()).toEqual({ done: false, value: 'event: signed-out\n\n' })
    expect(await reader?.read()).toEqual({ done: true, value: undefined })
  })
})
