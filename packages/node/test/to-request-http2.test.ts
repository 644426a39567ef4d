import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { toRequest } from '@sojourn/node'
import { afterEach, describe, expect, it } from 'vitest'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Handle = (request: Http2ServerRequest, response: Http2ServerResponse) => unknown

async function client(handle: Handle): Promise<ClientHttp2Session> {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => response.end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  closers.push(
    () => server.close(),
    () => session.destroy(),
  )
  return session
}

async function ask(handle: Handle, headers: OutgoingHttpHeaders, body?: string): Promise<string> {
  const session = await client(handle)
  const stream = session.request(headers, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  return text(stream)
}

describe('over HTTP/2', () => {
  it('the URL is that of the authority and the path, and what begins with a colon is no header', async () => {
    const found = await ask(
      (request, response) => {
        const { url, method, headers } = toRequest(request, { response })
        response.end(JSON.stringify({ url, method, headers: [...headers] }))
      },
      {
        ':authority': 'app.test',
        ':path': '/a?b',
        cookie: ['a=1', 'b=2'],
        accept: ['text/html', 'text/plain'],
      },
    )
    expect(JSON.parse(found)).toEqual({
      url: 'http://app.test/a?b',
      method: 'GET',
      headers: [
        ['accept', 'text/html, text/plain'],
        ['cookie', 'a=1; b=2'],
        ['host', 'app.test'],
      ],
    })
  })

  it.each([
    [{ ':authority': 'app.test:99999', ':path': '/a' }, 'http://host.invalid/a'],
    [{ ':authority': 'app.test', ':path': '//evil.test' }, 'http://app.test//evil.test'],
    [{ ':authority': 'app.test', ':path': '*', ':method': 'OPTIONS' }, 'http://app.test/'],
  ])('the URL of %j is %s', async (headers, url) => {
    expect(await ask((request, response) => response.end(toRequest(request).url), headers)).toBe(
      url,
    )
  })

  it('the body is what the client sends, and none where it sends none', async () => {
    const handle: Handle = async (request, response) => {
      const web = toRequest(request)
      response.end(web.body ? await web.text() : 'none')
    }
    const post = { ':method': 'POST' }
    expect(await ask(handle, post, 'abc')).toBe('abc')
    expect(await ask(handle, post)).toBe('none')
    expect(await ask(handle, {})).toBe('none')
  })

  it('the signal is aborted when the client goes before it has had the response, and not after', async () => {
    const aborted = Promise.withResolvers<boolean>()
    const here = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    const session = await client((request, response) => {
      const { signal } = toRequest(request, { response })
      if (request.url === '/whole') {
        signals.push(signal)
        response.end('abc')
        return
      }
      signal.addEventListener('abort', () => aborted.resolve(signal.aborted))
      response.write('a')
      here.resolve()
    })
    expect(await text(session.request({ ':path': '/whole' }))).toBe('abc')
    const stream = session.request({ ':path': '/part' }).on('error', () => {})
    await here.promise
    stream.close(8)
    expect(await aborted.promise).toBe(true)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })

  it('the body fails when the client goes before it has sent it', async () => {
    const failed = Promise.withResolvers<unknown>()
    const here = Promise.withResolvers<void>()
    const session = await client(async (request) => {
      const reader = toRequest(request).body?.getReader()
      await reader?.read()
      here.resolve()
      await reader?.read().catch(failed.resolve)
    })
    const stream = session.request({ ':method': 'POST' }).on('error', () => {})
    stream.write('abc')
    await here.promise
    session.destroy()
    expect(await failed.promise).toBeInstanceOf(Error)
  })
})
