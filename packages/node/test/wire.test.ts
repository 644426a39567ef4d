import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ask, cookieOf, type Data, dial, listen, site, talk } from './kit.ts'

type Respond = (response: ServerResponse, request: IncomingMessage) => unknown

/** The same handler twice: bare, and with a session that is written before it responds. */
async function twice(respond: Respond) {
  const made = site()
  const bare = await listen((request, response) => void respond(response, request))
  const ours = await listen(
    made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
      const session = await made.web.open(request)
      session.set('visits', 1)
      await respond(response, request)
    }),
  )
  return { made, bare, ours }
}

/** What a server says, without what is the session's and without the date. */
function plain(text: string): string {
  return text
    .replaceAll(/(set-cookie: __Host-id=.*|cache-control: no-store|vary: Cookie)\r\n/gi, '')
    .replaceAll(/Date: .*\r\n/gi, '')
}

const get = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
const head = get.replace('GET', 'HEAD')

describe('but for the session’s headers, a client sees byte by byte what it would see without us', () => {
  const cases: Record<string, { ask?: string; respond: Respond; shows: RegExp }> = {
    'a length that Node finds itself': {
      respond: (response) => response.end('body'),
      shows: /\r\nContent-Length: 4\r\n/,
    },
    'a length that the handler has set': {
      respond: (response) => {
        response.setHeader('Content-Length', 4)
        response.write('bo')
        response.end('dy')
      },
      shows: /\r\nContent-Length: 4\r\n(?!.*chunked)/s,
    },
    'a length given to writeHead': {
      respond: (response) => response.writeHead(200, { 'Content-Length': 4 }).end('body'),
      shows: /\r\nContent-Length: 4\r\n(?!.*chunked)/s,
    },
    'chunks where the length is not known': {
      respond: (response) => {
        response.write('bo')
        response.end('dy')
      },
      shows: /chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n$/,
    },
    'no body': { respond: (response) => response.end(), shows: /Content-Length: 0\r\n\r\n$/ },
    'HTTP/1.0': {
      ask: get.replace('1.1', '1.0'),
      respond: (response) => response.write('bo') && response.end('dy'),
      shows: /\r\n\r\nbody$/,
    },
    'HEAD, with the length of what it leaves out': {
      ask: head,
      respond: (response) => response.writeHead(200, { 'Content-Length': 4 }).end('body'),
      shows: /Content-Length: 4\r\n.*\r\n\r\n$/s,
    },
    'HEAD, written in parts': {
      ask: head,
      respond: (response) => response.write('bo') && response.end('dy'),
      shows: /^HTTP\/1.1 200 OK\r\n.*\r\n\r\n$/s,
    },
    'HEAD, piped, more than is held': {
      ask: head,
      respond: (response) => Readable.from(Array(100).fill('a'.repeat(5000))).pipe(response),
      shows: /^HTTP\/1.1 200 OK\r\n.*\r\n\r\n$/s,
    },
    'a 204': { respond: (response) => response.writeHead(204).end(), shows: /^HTTP\/1.1 204 / },
    'a 304': {
      respond: (response) => response.writeHead(304, { ETag: '"a"' }).end(),
      shows: /^HTTP\/1.1 304 Not Modified\r\nETag: "a"/,
    },
    trailers: {
      respond: (response) => {
        response.writeHead(200, { Trailer: 'X-Sum' })
        response.write('body')
        response.addTrailers({ 'X-Sum': '42' })
        response.end()
      },
      shows: /\r\n0\r\nX-Sum: 42\r\n\r\n$/,
    },
    'early hints before the head': {
      respond: (response) => {
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.end('body')
      },
      shows: /^HTTP\/1.1 103 Early Hints\r\n.*\r\n\r\nHTTP\/1.1 200 OK\r\n/s,
    },
    'a status message and a case of its own': {
      respond: (response) => response.writeHead(200, 'Fine by me', ['x-CaSe', 'Kept']).end(),
      shows: /^HTTP\/1.1 200 Fine by me\r\nx-CaSe: Kept\r\n/,
    },
    'a field in several lines': {
      respond: (response) => response.setHeader('Link', ['<a>', '<b>']).end(),
      shows: /\r\nLink: <a>\r\nLink: <b>\r\n/,
    },
  }
  it.each(Object.entries(cases))('%s', async (_, { ask = get, respond, shows }) => {
    const { made, bare, ours } = await twice(respond)
    const expected = plain(await talk(bare, ask))
    expect(expected).toMatch(shows)
    const answer = await talk(ours, ask)
    expect(plain(answer)).toBe(expected)
    expect(answer).toMatch(/\r\nvary: Cookie\r\n/i)
    expect(answer.match(/\r\nset-cookie: __Host-id=/gi)).toHaveLength(1)
    expect(made.calls()).toEqual(['create'])
  })
})

describe('Expect: 100-continue', () => {
  const headers = { expect: '100-continue', 'content-length': 4, connection: 'close' }
  const echo: Respond = async (response, request) => {
    let text = ''
    for await (const chunk of request) text += chunk
    response.end(text)
  }

  it.each(['request', 'checkContinue'])('is answered before the head (%s)', async (event) => {
    const made = site()
    const server = createServer().on(
      event,
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const session = await made.web.open(request)
        session.set('visits', 1)
        if (event === 'checkContinue') response.writeContinue()
        await echo(response, request)
      }),
    )
    const asking = request(await listen(server), { method: 'POST', headers })
    asking.flushHeaders()
    await once(asking, 'continue')
    asking.end('body')
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const [chunk] = await once(response, 'data')
    expect(String(chunk)).toBe('body')
    expect(await made.dataOf(cookieOf(response.headers))).toEqual({ visits: 1 })
  })
})

describe('one connection for many requests', () => {
  it('answers those that come in one packet in their order, each with its own session', async () => {
    const { web, gate, dataOf } = site()
    const bothRead = Promise.withResolvers<void>()
    let read = 0
    const url = await listen(
      web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const session = await web.open(request)
        const item = request.url ?? ''
        if (item !== '/read') session.set('cart', [...(session.get('cart') ?? []), item])
        response.end(`<${session.get('cart') ?? ''}>`)
        if (item === '/read' && ++read === 2) bothRead.resolve()
      }),
    )
    const { cookie: ada } = await ask(new URL('/ada', url))
    const { cookie: bob } = await ask(new URL('/bob', url))
    // The first is the slowest: its store call waits until the others are done with theirs.
    const update = gate('update')
    const socket = dial(url)
    const lines = [
      `GET /tea HTTP/1.1\r\nhost: a\r\ncookie: ${ada}`,
      `GET /read HTTP/1.1\r\nhost: a\r\ncookie: ${bob}`,
      `GET /read HTTP/1.1\r\nhost: a\r\nconnection: close`,
    ]
    socket.write(lines.map((line) => `${line}\r\n\r\n`).join(''))
    await Promise.all([update.reached, bothRead.promise])
    update.open()
    let text = ''
    for await (const chunk of socket.setEncoding('latin1')) text += chunk
    expect(text.match(/<.*>/g)).toEqual(['</ada,/tea>', '</bob>', '<>'])
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(3)
    expect(await dataOf(ada)).toEqual({ cart: ['/ada', '/tea'] } satisfies Partial<Data>)
  })

  it('is kept alive, whatever was held on it', async () => {
    const { ours } = await twice((response) => response.end('body'))
    const socket = dial(ours).setEncoding('latin1')
    for (let round = 0; round < 3; round++) {
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      const [text] = await once(socket, 'data')
      expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n.*keep-alive\r\n.*\r\n\r\nbody$/s)
    }
  })
})
