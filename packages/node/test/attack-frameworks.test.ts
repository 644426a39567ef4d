import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { memoryStore } from '@sojourn/core'
import { toRequest } from '@sojourn/node'
import session from '@sojourn/node/express-session'
import compression from 'compression'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import expressSession from 'express-session'
import { describe, expect, it } from 'vitest'
import { ask, expresses, listen, site, talk, visited } from './kit.ts'
import { ask as askHttp2, client, visited as visitedHttp2 } from './kit-http2.ts'

type Step = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown

const pack = compression({ threshold: 0 }) as unknown as Step
const theirs = expressSession({
  secret: 'theirs',
  resave: true,
  saveUninitialized: true,
  cookie: { secure: false },
}) as unknown as Step
const neighbours: Record<string, Step[]> = {
  compression: [pack],
  'express-session': [theirs],
  both: [pack, theirs],
}

const ways: Record<string, (response: Response) => unknown> = {
  'a text': (response) => response.send('first'),
  'a large text': (response) => response.send('first'.repeat(50_000)),
  'a cookie and a text': (response) => response.cookie('theirs', '1').send('first'),
  'a redirect': (response) => response.redirect('/first'),
  'no body': (response) => response.status(204).end(),
  writes: (response) => {
    response.write('first')
    response.write('second')
    response.end()
  },
}

describe.each(expresses)('in $name, a commit that fails', ({ express }) => {
  describe.each(Object.entries(neighbours))('with %s after the middleware', (_, steps) => {
    it.each(Object.entries(ways))(
      'is answered by the error handler, and by nothing of the response that was lost: %s',
      async (_, respond) => {
        const made = site()
        made.failing.add('create')
        const app = express().use(made.web.middleware)
        for (const step of steps) app.use(step as unknown as RequestHandler)
        app.get('/', async (request, response) => {
          ;(await made.web.open(request)).set('visits', 1)
          respond(response)
        })
        const sorry: ErrorRequestHandler = (error, _, response, __) => {
          response.status(503).send(`sorry: ${error.code}`)
        }
        app.use(made.web.errorMiddleware, sorry)
        const url = await listen(app)
        const answer = await ask(url, {
          headers: { 'accept-encoding': 'gzip' },
          encoding: 'latin1',
          timeout: 2000,
        })
        expect(answer.status).toBe(503)
        expect(answer.headers).not.toHaveProperty('content-encoding')
        expect(answer.text).toBe('sorry: ERR_SESSION_STORE')
        const heard = await talk(
          url,
          'GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n',
        )
        expect(heard.endsWith('\r\n\r\nsorry: ERR_SESSION_STORE')).toBe(true)
      },
    )
  })

  it('with compression before the middleware is answered in its way', async () => {
    const made = site()
    made.failing.add('create')
    const app = express().use(compression({ threshold: 0 }), made.web.middleware)
    app.get('/', async (request, response) => {
      ;(await made.web.open(request)).set('visits', 1)
      response.send('first')
    })
    const sorry: ErrorRequestHandler = (_, __, response, ___) => {
      response.status(503).send('sorry')
    }
    const headers = { 'accept-encoding': 'gzip' }
    const answer = await ask(await listen(app.use(sorry)), { headers, encoding: 'latin1' })
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(Buffer.from(answer.text, 'latin1')).toString()).toBe('sorry')
  })
})

describe('a response of which somebody says that it has left as soon as it is asked for', () => {
  // As @fastify/express does for the middleware within.
  async function claimed(respond: (response: ServerResponse) => unknown, made = site()) {
    const url = await listen(
      visited(made, (response) => {
        Object.defineProperty(response, 'headersSent', { get: () => true, configurable: true })
        return respond(response)
      }),
    )
    return { made, answer: await ask(url) }
  }

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['writeHead', (response) => response.writeHead(201, { 'x-a': '1' }).end('body')],
    ['end', (response) => response.setHeader('x-a', '1').end('body')],
    ['write', (response) => response.setHeader('x-a', '1').write('bo') && response.end('dy')],
  ])('is sent through %s all the same, with its session', async (_, respond) => {
    const { made, answer } = await claimed(respond)
    expect(answer).toMatchObject({ text: 'body', headers: { 'x-a': '1' } })
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
  })

  it('is answered with 500 where its commit fails', async () => {
    const made = site()
    made.failing.add('create')
    const { answer } = await claimed((response) => response.end('body'), made)
    expect(answer).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
  })

  it('is so for whoever comes from express-session as well', async () => {
    const failing = memoryStore()
    failing.create = () => Promise.reject(new Error('on purpose'))
    const secret = 'a secret of the application, 32 bytes or more'
    const app = session({ secret, resave: false, saveUninitialized: false, store: failing })
    const url = await listen((request, response) =>
      app(request as never, response as never, (error?: unknown) => {
        if (error) return response.writeHead(503).end('sorry')
        Object.assign((request as unknown as { session: object }).session, { visits: 1 })
        Object.defineProperty(response, 'headersSent', { get: () => true, configurable: true })
        return response.end('body')
      }),
    )
    expect(await ask(url)).toMatchObject({ status: 503, text: 'sorry' })
  })
})

describe('over HTTP/2, trailers are not the answer’s', () => {
  it.each([
    ['of a response whose commit failed', true],
    ['of a handler that throws', false],
  ])('%s', async (_, ended) => {
    const made = site()
    if (ended) made.failing.add('create')
    const connection = await client(
      visitedHttp2(made, (response) => {
        response.addTrailers({ 'x-sum': '42', 'x-count': '1' })
        if (!ended) throw new Error('on purpose')
        response.end('first')
      }),
    )
    const { text, trailers } = await askHttp2(connection)
    expect(text).toBe('Internal Server Error\n')
    expect(trailers).not.toHaveProperty('x-sum')
    expect(trailers).not.toHaveProperty('x-count')
  })
})

describe('a request that was sent on by undici, which takes its socket away', () => {
  it('has its response, with its session', async () => {
    const made = site()
    const url = await listen(
      visited(made, (response, request) => {
        Object.assign(request, { socket: null })
        response.end('body')
      }),
    )
    const answer = await ask(url, { headers: { host: 'shop.example' } })
    expect(answer).toMatchObject({ status: 200, text: 'body' })
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
    expect(made.events).toMatchObject([{ type: 'cookie-refused' }])
  })

  it('comes from where it came from', async () => {
    const seen: unknown[] = []
    const made = site()
    const url = await listen((request, response) => {
      seen.push(made.web.originOf(request))
      Object.assign(request, { socket: null })
      seen.push(made.web.originOf(request), toRequest(request).url)
      response.end()
    })
    await ask(url)
    const origin = { scheme: 'http', address: '127.0.0.1' }
    expect(seen).toEqual([origin, origin, url.href])
  })
})
