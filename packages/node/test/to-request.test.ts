import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
  request as send,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions, toRequest } from '@sojourn/node'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown

async function listen(handle: Handle): Promise<number> {
  const server = createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** What a handler has seen of the request that came in. */
async function seen<T>(
  look: (request: IncomingMessage, response: ServerResponse) => T | Promise<T>,
  options: RequestOptions = {},
  body?: string,
): Promise<T> {
  const found = Promise.withResolvers<T>()
  const port = await listen(async (request, response) => {
    await Promise.resolve(look(request, response)).then(found.resolve, found.reject)
    response.end()
  })
  const sent = send({ host: '127.0.0.1', port, ...options })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.resume()
  return found.promise
}

/** The same for what no client would send. */
async function seenRaw<T>(look: (request: IncomingMessage) => T, text: string): Promise<T> {
  const found = Promise.withResolvers<T>()
  const port = await listen((request, response) => {
    try {
      found.resolve(look(request))
    } catch (error) {
      found.reject(error)
    }
    response.end()
  })
  const socket = connect(port, '127.0.0.1')
  socket.resume().write(text)
  closers.push(() => socket.destroy())
  return found.promise
}

const urlOf = (request: IncomingMessage): string => toRequest(request).url
const headers = { host: 'app.test' }

describe('the URL', () => {
  it('is that of the socket’s scheme, the Host and the whole path', async () => {
    const path = '/a%20b/../c?d=%2F&e'
    expect(await seen(urlOf, { path, headers: { host: 'APP.test:8080' } })).toBe(
      'http://app.test:8080/c?d=%2F&e',
    )
  })

  it('has the scheme that a trusted proxy names, and no other', async () => {
    const { originOf } = nodeSessions(createSessions({ store: memoryStore() }), { trustProxy: 1 })
    const forwarded = { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.test' }
    const trusting = (request: IncomingMessage) => toRequest(request, { originOf }).url
    expect(await seen(trusting, { headers: forwarded })).toBe('https://app.test/')
    expect(await seen(urlOf, { headers: forwarded })).toBe('http://app.test/')
  })

  it('has the whole path under Express, wherever a router is mounted', async () => {
    const router = express.Router()
    router.get('/b', (request, response) => void response.send(toRequest(request).url))
    const port = await listen(express().use('/a', router))
    const response = await fetch(`http://127.0.0.1:${port}/a/b?c`)
    expect(await response.text()).toBe(`http://127.0.0.1:${port}/a/b?c`)
  })

  it.each([
    ['//evil.test/a', 'http://app.test//evil.test/a'],
    ['/\\evil.test/a', 'http://app.test//evil.test/a'],
    ['http://other.test/a?b', 'http://other.test/a?b'],
    ['HTTP://other.test', 'http://other.test/'],
    ['https://other.test?b', 'http://other.test/?b'],
    ['http://user:secret@other.test/a', 'http://host.invalid/a'],
    ['ftp://other.test/a', 'http://app.test/ftp://other.test/a'],
  ])('of the target %s is %s', async (target, url) => {
    expect(await seenRaw(urlOf, `GET ${target} HTTP/1.1\r\nHost: app.test\r\n\r\n`)).toBe(url)
  })

  it('of OPTIONS * has no path', async () => {
    expect(await seenRaw(urlOf, 'OPTIONS * HTTP/1.1\r\nHost: app.test\r\n\r\n')).toBe(
      'http://app.test/',
    )
  })

  it.each([
    '',
    'a b',
    'a/b',
    '/evil',
    '?evil',
    'user@app.test',
    'app.test:99999',
    'app.test:x',
    '[::1',
    'a%2fb',
    'b\u00fccher.test',
  ])('has nobody’s host where the Host is %j', async (host) => {
    expect(await seenRaw(urlOf, `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toBe(
      'http://host.invalid/a',
    )
  })

  it('has nobody’s host where an old client names none', async () => {
    expect(await seenRaw(urlOf, 'GET /a HTTP/1.0\r\n\r\n')).toBe('http://host.invalid/a')
  })

  it.each(['app.test', '127.0.0.1:80', '[::1]:3000', 'xn--bcher-kva.test'])(
    'has the host %s',
    async (host) => {
      const { href } = new URL(`http://${host}/a`)
      expect(await seenRaw(urlOf, `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toBe(href)
    },
  )
})

describe('the method and the headers', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'are those of a %s',
    async (method) => {
      expect(await seen((request) => toRequest(request).method, { method, headers })).toBe(method)
    },
  )

  it('are as Node has them: cookies one list, lists joined, what may come once taken once', async () => {
    const lines = [
      'Host: app.test',
      'Cookie: a=1',
      'Cookie: b=2',
      'Accept: text/html',
      'Accept: text/plain',
      'Authorization: Bearer a',
      'Authorization: Bearer b',
      'Set-Cookie: c=3',
      'Set-Cookie: d=4',
      'X-Name: caf\u00e9',
    ]
    const found = await seenRaw(
      (request) => toRequest(request).headers,
      `GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
    )
    expect([...found]).toEqual([
      ['accept', 'text/html, text/plain'],
      ['authorization', 'Bearer a'],
      ['cookie', 'a=1; b=2'],
      ['host', 'app.test'],
      ['set-cookie', 'c=3'],
      ['set-cookie', 'd=4'],
      ['x-name', Buffer.from('caf\u00e9').toString('latin1')],
    ])
  })
})

describe('the session', () => {
  it('is the same, opened by another object that is yours to commit', async () => {
    const sessions = createSessions<{ visits: number }>({ store: memoryStore() })
    const web = nodeSessions(sessions)
    const first = await sessions.open(new Request('http://app.test'))
    const { headers } = await sessions.commit(first.set('visits', 1), new Response())
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const [own, other] = await seen(
      async (request) => [await web.open(request), await sessions.open(toRequest(request))],
      { headers: { cookie } },
    )
    expect([own?.id, other?.id]).toEqual([first.id, first.id])
    expect(own).not.toBe(other)
  })
})
