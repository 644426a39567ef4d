import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { setImmediate as turn } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { toRequest } from '@sojourn/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, expresses, listen, site, talk, visited } from './kit.ts'
import { ask as askHttp2, client, visited as visitedHttp2 } from './kit-http2.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const last = get.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')

describe('a response that has ended and waits for its commit', () => {
  it('reaches its client when the server closes meanwhile', async () => {
    const made = site()
    const create = made.gate('create')
    const server = createServer(visited(made, (response) => response.end('body')))
    const asking = ask(await listen(server), { headers: { connection: 'keep-alive' } })
    await create.reached
    server.close()
    create.open()
    expect(await asking).toMatchObject({ status: 200, text: 'body' })
  })

  it('has not been finished, for who asks when its client goes', async () => {
    const made = site()
    const create = made.gate('create')
    const seen = Promise.withResolvers<ServerResponse>()
    const url = await listen(
      visited(made, (response) => {
        response.end('body')
        seen.resolve(response)
      }),
    )
    const asking = request(url, { agent: false })
      .on('error', () => {})
      .end()
    const response = await seen.promise
    await create.reached
    expect([response.writableEnded, response.writableFinished]).toEqual([true, false])
    asking.destroy()
    await once(response, 'close')
    expect([response.writableEnded, response.writableFinished]).toEqual([true, false])
    create.open()
  })

  it('finishes once, where it waits for the one before it on the same connection', async () => {
    const made = site()
    const create = made.gate('create')
    const first = Promise.withResolvers<ServerResponse>()
    const told: string[] = []
    const handler = visited(made, (response) => {
      for (const name of ['prefinish', 'finish', 'close'])
        response.on(name, () => void told.push(name))
      response.end('second')
    })
    const url = await listen((request, response) =>
      request.url === '/first' ? first.resolve(response) : handler(request, response),
    )
    const talking = talk(url, get.replace('/', '/first') + last)
    await create.reached
    await turn()
    const response = await first.promise
    response.end('first')
    await once(response, 'close')
    await turn()
    expect(told).toEqual([])
    create.open()
    expect(await talking).toMatch(/first.*second/s)
    expect(told).toEqual(['prefinish', 'finish', 'close'])
  })
})

describe('what is written', () => {
  it('may be bytes of another realm, as for Node', async () => {
    const bytes = runInNewContext('new Uint8Array([98, 111, 100, 121])') as Uint8Array
    const respond = (response: ServerResponse): unknown =>
      response.write(bytes) && response.end(bytes)
    expect((await ask(await listen((_, response) => void respond(response)))).text).toBe('bodybody')
    expect((await ask(await listen(visited(site(), respond)))).text).toBe('bodybody')
  })

  it('has its callback wherever somebody around puts it, also when it is dropped', async () => {
    const made = site()
    made.failing.add('create')
    const told: unknown[] = []
    const note = (error?: unknown) => void told.push(error)
    const url = await listen(
      visited(made, (response) => {
        const { write, end } = response
        // As everybody does who passes three arguments on.
        response.write = (a: unknown, b?: unknown, c?: unknown) =>
          Reflect.apply(write, response, [a, b, c])
        response.end = (a?: unknown, b?: unknown, c?: unknown) =>
          Reflect.apply(end, response, [a, b, c])
        response.write('first', note)
        response.end(note)
      }),
    )
    await ask(url)
    expect(told).toHaveLength(2)
  })
})

describe('what Node thinks of a call', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['an encoding that is none', (response) => response.write('a', 'none' as BufferEncoding)],
    ['a status as text after the end', (response) => response.end().writeHead('200' as never)],
    [
      'two objects for writeHead',
      (response) => response.writeHead(200, { a: 'b' } as never, { a: 'c' }).hasHeader('b'),
    ],
    [
      'a header that is none, after a status',
      (response) => response.writeHead(404, { 'a b': 'c' }),
    ],
  ])('is the same while it waits: %s', async (_, respond) => {
    const outcomes: unknown[] = []
    const attempt = (response: ServerResponse): void => {
      response.on('error', () => {})
      try {
        outcomes.push(respond(response))
      } catch (error) {
        outcomes.push((error as NodeJS.ErrnoException).code)
      }
      response.end()
    }
    const shown = async (url: URL): Promise<unknown> =>
      (await talk(url, last)).match(/^HTTP.*$|^a: .*$/gm)
    const expected = await shown(await listen((_, response) => attempt(response)))
    expect(await shown(await listen(visited(site(), attempt)))).toEqual(expected)
    expect(outcomes[1]).toEqual(outcomes[0])
  })
})

describe('a commit by hand', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    [
      'fails',
      () => {
        throw new Error('on purpose')
      },
    ],
    [
      'gives writeHead cookies of its own',
      (response) =>
        response.writeHead(200, { 'Set-Cookie': 'a=1', 'Cache-Control': 'public' }).end(),
    ],
    [
      'sets cookies of its own',
      (response) =>
        response.setHeader('Set-Cookie', ['a=1']).setHeader('Cache-Control', 'public').end(),
    ],
    [
      'takes all headers away',
      (response) => {
        for (const name of response.getHeaderNames()) response.removeHeader(name)
        response.end()
      },
    ],
  ])('reaches the client though the handler then %s', async (_, respond) => {
    const made = site()
    const url = await listen(
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const session = await made.web.open(request)
        session.set('visits', 1)
        await made.web.commit(request, response)
        await respond(response)
      }),
    )
    const answer = await ask(url)
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
    expect(answer.headers['cache-control']).toMatch(/^no-store/)
  })
})

describe.each(expresses)('in $name', ({ express }) => {
  it('a handler that fails after it has sent leaves the response whole, as without us', async () => {
    const made = site()
    const app = express().set('env', 'test')
    app.get('/bare', async (_, response, next) => {
      response.send('body')
      next(new Error('on purpose'))
    })
    app.use(made.web.middleware)
    app.get('/', async (request, response, next) => {
      ;(await made.web.open(request)).set('visits', 1)
      response.send('body')
      next(new Error('on purpose'))
    })
    app.use(made.web.errorMiddleware)
    const url = await listen(app)
    expect((await ask(new URL('/bare', url))).text).toBe('body')
    expect((await ask(url)).text).toBe('body')
  })
})

describe('who changes the head as it leaves', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['writeHead', (response) => response.writeHead(200).end('body')],
    ['write', (response) => response.write('bo') && response.end('dy')],
    ['end', (response) => response.end('body')],
    ['flushHeaders', (response) => response.flushHeaders() ?? response.end('body')],
  ])(
    'cannot take the session’s cookie out, or let a cache have it, through %s',
    async (_, respond) => {
      const made = site()
      const url = await listen(
        visited(made, (response) => {
          const { writeHead } = response
          // As all do that are told before a head leaves.
          response.writeHead = (status: number, ...rest: unknown[]) => {
            response.setHeader('Set-Cookie', 'a=1')
            response.setHeader('Cache-Control', 'public, max-age=60')
            return Reflect.apply(writeHead, response, [status, ...rest])
          }
          respond(response)
        }),
      )
      const answer = await ask(url)
      expect(answer.text).toBe('body')
      expect(answer.headers['set-cookie']).toContain('a=1')
      expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
      expect(answer.headers['cache-control']).toMatch(/^no-store/)
    },
  )
})

it.each([
  ['get', 'GET'],
  ['head', 'HEAD'],
  ['trace', 'trace'],
  ['TRACK', 'TRACK'],
  ['connect', 'connect'],
  ['query', 'query'],
])('toRequest does not throw for the method %s of HTTP/2, with a body', async (method, seen) => {
  const made = Promise.withResolvers<Request>()
  const connection = await client((request, response) => {
    response.end()
    made.resolve(new Promise((resolve) => resolve(toRequest(request))))
  })
  connection.request({ ':method': method, ':path': '/' }, { endStream: false }).end('body')
  expect((await made.promise).method).toBe(seen)
})

it('over HTTP/2 a head that waits refuses changes with the code of HTTP/2', async () => {
  const made = site()
  const codes: unknown[] = []
  const respond = (response: Http2ServerResponse): void => {
    response.writeHead(200)
    const { length } = codes
    for (const change of [
      () => response.setHeader('a', 'b'),
      () => response.appendHeader('a', 'b'),
      () => response.removeHeader('a'),
      () => response.writeHead(200),
    ]) {
      try {
        change()
      } catch (error) {
        codes.push((error as NodeJS.ErrnoException).code)
      }
    }
    codes.push('setHeaders' in response, codes.length - length)
    response.end()
  }
  await askHttp2(await client((_, response) => respond(response)))
  const expected = codes.splice(0)
  await askHttp2(await client(visitedHttp2(made, respond)))
  expect(codes).toEqual(expected)
  expect(codes.at(-1)).toBe(4)
})

it('what an asynchronous onEvent throws harms nobody', async () => {
  const thrown: unknown[] = []
  const note = (error: unknown): void => void thrown.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  let told = 0
  const onEvent = async (): Promise<never> => {
    told++
    throw new Error('on purpose')
  }
  const url = await listen(visited(site({ onEvent }), (response) => response.end('body')))
  expect((await ask(url, { headers: { host: 'shop.example' } })).text).toBe('body')
  expect(told).toBe(1)
  await turn()
  expect(thrown).toEqual([])
})
