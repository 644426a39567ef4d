import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { toRequest } from '@sojourn/node'
import { afterEach, describe, expect, it } from 'vitest'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown

async function listen(handle: Handle): Promise<number> {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => {
      response.statusCode = 500
      response.end(String(error))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function post(port: number, headers: OutgoingHttpHeaders = {}, agent?: Agent): ClientRequest {
  const sent = send({ host: '127.0.0.1', port, method: 'POST', headers, ...(agent && { agent }) })
  sent.on('error', () => {})
  return sent
}

async function answerTo(sent: ClientRequest): Promise<string> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return text(response)
}

const MB = 2 ** 20

describe('the body', () => {
  it('is what the client sends, in pieces or at once, as text, JSON or a form', async () => {
    const port = await listen(async (request, response) => {
      const { headers, ...web } = { headers: request.headers, request: toRequest(request) }
      const type = headers['content-type']
      if (type === 'application/json') response.end(JSON.stringify(await web.request.json()))
      else if (type) response.end((await web.request.formData()).get('a'))
      else response.end(await web.request.text())
    })
    const chunked = post(port)
    chunked.write('one ')
    await once(chunked, 'socket')
    chunked.end('two')
    expect(await answerTo(chunked)).toBe('one two')
    const json = post(port, { 'content-type': 'application/json' })
    json.end('{"a":[1]}')
    expect(await answerTo(json)).toBe('{"a":[1]}')
    const form = post(port, { 'content-type': 'application/x-www-form-urlencoded' })
    form.end('a=b+c')
    expect(await answerTo(form)).toBe('b c')
  })

  it('is none for GET and HEAD, and where the client sends none', async () => {
    const port = await listen((request, response) => {
      response.setHeader('x-body', String(toRequest(request).body))
      response.end()
    })
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method })
      expect(response.headers.get('x-body')).toBe('null')
    }
    const odd = connect(port, '127.0.0.1')
    odd.write('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc')
    expect(await text(odd)).toMatch(/x-body: null/)
  })

  it('is read no faster than it is asked for', async () => {
    const size = 64 * MB
    const begun = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    let sent = 0
    const port = await listen(async (request, response) => {
      const hash = createHash('sha256')
      let most = 0
      let read = 0
      for await (const chunk of toRequest(request).body ?? []) {
        hash.update(chunk)
        read += chunk.byteLength
        most = Math.max(most, request.readableLength)
        begun.resolve()
        await go.promise
      }
      response.end(JSON.stringify({ read, most, hash: hash.digest('hex') }))
    })
    const upload = post(port, { 'content-length': size })
    const piece = randomBytes(MB)
    const hash = createHash('sha256')
    const stalled = Promise.withResolvers<void>()
    const uploading = (async () => {
      while (sent < size) {
        hash.update(piece)
        sent += piece.byteLength
        if (!upload.write(piece)) {
          const drained = once(upload, 'drain')
          // What fills no further for many turns of the loop is held back.
          void idle(drained).then((isIdle) => isIdle && stalled.resolve())
          await drained
        }
      }
      upload.end()
    })()
    await begun.promise
    await stalled.promise
    expect(sent).toBeLessThan(size / 2)
    const answer = answerTo(upload)
    go.resolve()
    await uploading
    const { read, most, hash: got } = JSON.parse(await answer)
    expect({ read, got }).toEqual({ read: size, got: hash.digest('hex') })
    expect(most).toBeLessThan(MB)
  })

  it('is not read before it is asked for', async () => {
    const port = await listen(async (request, response) => {
      const web = toRequest(request)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      response.setHeader('x-read', String(request.readableDidRead))
      response.end(await web.text())
    })
    const sent = post(port)
    sent.end('abc')
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    expect([response.headers['x-read'], await text(response)]).toEqual(['false', 'abc'])
  })

  it('fails when the client goes before it has sent it', async () => {
    const failed = Promise.withResolvers<unknown>()
    const here = Promise.withResolvers<void>()
    const port = await listen(async (request) => {
      const reader = toRequest(request).body?.getReader()
      await reader?.read()
      here.resolve()
      await reader?.read().catch(failed.resolve)
    })
    const sent = post(port, { 'content-length': 10 })
    sent.write('12345')
    await here.promise
    sent.destroy()
    expect(await failed.promise).toMatchObject({ message: expect.stringMatching(/aborted|gone/) })
  })

  it('fails when the client has gone before it is asked for', async () => {
    const failed = Promise.withResolvers<unknown>()
    const here = Promise.withResolvers<void>()
    const port = await listen(async (request) => {
      const web = toRequest(request)
      here.resolve()
      await new Promise((resolve) => request.once('close', resolve))
      await web.text().catch(failed.resolve)
    })
    const sent = post(port, { 'content-length': 10 })
    sent.write('12345')
    await here.promise
    sent.destroy()
    expect(await failed.promise).toMatchObject({ name: 'AbortError' })
  })

  it('fails where somebody else has read it', async () => {
    const port = await listen(async (request, response) => {
      await text(request)
      response.end(await toRequest(request).text())
    })
    const sent = post(port)
    sent.end('abc')
    expect(await answerTo(sent)).toMatch(/TypeError: .* has been read before/)
  })

  it('that is cancelled is let through, and the connection goes on', async () => {
    const ports = new Set<number | undefined>()
    const port = await listen(async (request, response) => {
      ports.add(request.socket.remotePort)
      const reader = toRequest(request).body?.getReader()
      await reader?.read()
      await reader?.cancel()
      response.end('enough')
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    closers.push(() => agent.destroy())
    for (let turn = 0; turn < 3; turn++) {
      const sent = post(port, {}, agent)
      sent.end(randomBytes(4 * MB))
      expect(await answerTo(sent)).toBe('enough')
    }
    expect(ports.size).toBe(1)
  })
})

describe('the signal', () => {
  it('is aborted when the client goes before it has had the response', async () => {
    const aborted = Promise.withResolvers<boolean>()
    const here = Promise.withResolvers<void>()
    const port = await listen(async (request, response) => {
      const { signal, ...rest } = pick(toRequest(request, { response }))
      // The request has been read to its end: nothing but the response can tell.
      await rest.text()
      response.write('a')
      signal.addEventListener('abort', () => aborted.resolve(signal.aborted))
      here.resolve()
    })
    const sent = post(port)
    sent.end('abc')
    await here.promise
    sent.destroy()
    expect(await aborted.promise).toBe(true)
  })

  it('tells without the response of a client that goes before its request was read', async () => {
    const aborted = Promise.withResolvers<boolean>()
    const here = Promise.withResolvers<void>()
    const port = await listen((request) => {
      const { signal } = toRequest(request)
      signal.addEventListener('abort', () => aborted.resolve(signal.aborted))
      here.resolve()
    })
    const sent = send({ host: '127.0.0.1', port }).on('error', () => {})
    sent.end()
    await here.promise
    sent.destroy()
    expect(await aborted.promise).toBe(true)
  })

  it('is aborted from the start for a client that has gone already', async () => {
    const signals = Promise.withResolvers<boolean[]>()
    const here = Promise.withResolvers<void>()
    const port = await listen(async (request, response) => {
      here.resolve()
      await new Promise((resolve) => response.once('close', resolve))
      const both = [toRequest(request), toRequest(request, { response })]
      signals.resolve(both.map(({ signal }) => signal.aborted))
    })
    const sent = send({ host: '127.0.0.1', port }).on('error', () => {})
    sent.end()
    await here.promise
    sent.destroy()
    expect(await signals.promise).toEqual([true, true])
  })

  it('is not aborted by a response that has reached its end, nor is anything left on the socket', async () => {
    const signals: AbortSignal[] = []
    const left: number[] = []
    const port = await listen((request, response) => {
      left.push(request.socket.listenerCount('close'))
      signals.push(toRequest(request, { response }).signal, toRequest(request).signal)
      response.end('a')
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let turn = 0; turn < 3; turn++) {
      const sent = post(port, {}, agent)
      sent.end()
      expect(await answerTo(sent)).toBe('a')
    }
    agent.destroy()
    const last = await new Promise((resolve) => setImmediate(() => resolve(signals)))
    expect(last).toEqual(signals)
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array.from(signals, () => false))
    expect(new Set(left).size).toBe(1)
  })
})

function pick(request: Request): { signal: AbortSignal; text: () => Promise<string> } {
  return { signal: request.signal, text: () => request.text() }
}

/** Whether a promise stays open for 200 turns of the loop in which nothing else may hold it up. */
async function idle(promise: Promise<unknown>): Promise<boolean> {
  let open = true
  void promise.then(() => {
    open = false
  })
  for (let turn = 0; turn < 200 && open; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  return open
}
