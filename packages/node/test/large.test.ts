import { once } from 'node:events'
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Running, run } from '../../stores/test/kit/processes.ts'

const GIGABYTE = 2 ** 30
const MEGABYTE = 2 ** 20

async function responseTo(call: ReturnType<typeof get>): Promise<IncomingMessage> {
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return response
}

const cookieOf = ({ headers }: IncomingMessage): string =>
  headers['set-cookie']?.[0]?.split(';')[0] ?? ''

async function lengthOf(body: AsyncIterable<Buffer>): Promise<number> {
  let length = 0
  for await (const chunk of body) length += chunk.length
  return length
}

describe('a body of a gigabyte', () => {
  let server: Running<{ port: number; most: number }>
  let address: RequestOptions

  beforeEach(async () => {
    server = run(new URL('large.process.ts', import.meta.url))
    const { port } = await server.next()
    address = { port, host: '127.0.0.1', agent: false }
    expect(await lengthOf(await responseTo(get({ ...address, path: '/?size=9000000' })))).toBe(9e6)
  })
  afterEach(() => server.end())

  async function mostMemory(): Promise<number> {
    server.send({})
    return (await server.next()).most
  }

  it('leaves the server in constant memory, while the session is written and after', async () => {
    const before = await mostMemory()
    const response = await responseTo(get({ ...address, path: `/?size=${GIGABYTE}` }))
    expect(cookieOf(response)).not.toBe('')
    expect(await lengthOf(response)).toBe(GIGABYTE)
    expect((await mostMemory()) - before).toBeLessThan(150 * MEGABYTE)
  })

  it('comes in and leaves at the same time in constant memory', async () => {
    const first = await responseTo(get({ ...address, path: '/?size=1' }))
    first.resume()
    const before = await mostMemory()
    const headers = { cookie: cookieOf(first) }
    const call = request({ ...address, path: '/echo', method: 'POST', headers })
    const chunk = Buffer.alloc(65_536, 'x')
    Readable.from(
      (function* () {
        for (let left = GIGABYTE; left > 0; left -= chunk.length) yield chunk
      })(),
    ).pipe(call)
    const response = await responseTo(call)
    expect(response.headers['x-visits']).toBe('2')
    expect(await lengthOf(response)).toBe(GIGABYTE)
    expect((await mostMemory()) - before).toBeLessThan(150 * MEGABYTE)
  })
})

describe('a stream', () => {
  const web = nodeSessions(createSessions<{ visits: number }>({ store: memoryStore() }))
  let server: Server
  afterEach(() => server.close())

  type Handle = (request: IncomingMessage, response: ServerResponse) => unknown
  async function serve(handle: Handle): Promise<RequestOptions> {
    server = createServer(web.handler(handle)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }
  }

  it('has been received in part before the last of it is produced', async () => {
    const read = Promise.withResolvers<void>()
    const address = await serve(async (request, response) => {
      const session = await web.open(request)
      session.set('visits', 1)
      response.write('first,')
      await read.promise
      response.end('last')
    })
    const response = await responseTo(get(address))
    response.setEncoding('utf8')
    const [first] = await once(response, 'data')
    expect(first).toBe('first,')
    expect(cookieOf(response)).not.toBe('')
    read.resolve()
    const [last] = await once(response, 'data')
    expect(last).toBe('last')
  })

  it('of events goes on for two seconds to every client, and its end is seen', async () => {
    let open = 0
    const address = await serve(async (request, response) => {
      const session = await web.open(request)
      session.update('visits', (visits = 0) => visits + 1)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      open++
      const timer = setInterval(() => response.write(`data: ${session.get('visits')}\n\n`), 50)
      response.on('close', () => {
        open--
        clearInterval(timer)
      })
    })
    async function listen(): Promise<string[]> {
      const response = await responseTo(get(address))
      response.setEncoding('utf8')
      const until = performance.now() + 2000
      let text = ''
      for await (const part of response) {
        text += part
        if (performance.now() > until) break
      }
      expect(cookieOf(response)).not.toBe('')
      return text.split('\n\n').filter(Boolean)
    }
    const heard = await Promise.all(Array.from({ length: 8 }, listen))
    for (const events of heard) {
      expect(events.length).toBeGreaterThan(10)
      expect(new Set(events)).toEqual(new Set(['data: 1']))
    }
    await expect.poll(() => open).toBe(0)
  })
})
