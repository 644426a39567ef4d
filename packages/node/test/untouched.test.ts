import { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { ask, expresses, listen, site } from './kit.ts'
import { ask as ask2, client } from './kit-http2.ts'

const PASSING = ['writeHead', 'write', 'end', 'flushHeaders', 'Symbol(gate)']

/** What a request without a session of its own is to find: nothing on the response but what passes everything on, and no listener. */
function marksOf(response: ServerResponse | Http2ServerResponse): unknown {
  const properties = Reflect.ownKeys(response).map(String)
  return {
    properties: properties.filter((name) => !PASSING.includes(name)),
    listeners: response.eventNames().map((name) => [name, response.listenerCount(name)]),
  }
}

const presented = { cookie: `__Host-id=${'A'.repeat(60)}` }

describe('a request whose session nobody asks for', () => {
  it('of node:http, finds its response as Node made it but for what passes on, and the store is not asked', async () => {
    const made = site()
    const seen: unknown[] = []
    const bare = await listen((_, response) => {
      seen.push(marksOf(response))
      response.end('body')
    })
    const ours = await listen(
      made.web.handler((_: IncomingMessage, response: ServerResponse) => {
        seen.push(marksOf(response))
        response.end('body')
      }),
    )
    const [expected, answer] = [await ask(bare), await ask(ours, { headers: presented })]
    expect(seen[1]).toEqual(seen[0])
    expect({ ...answer, headers: Object.keys(answer.headers) }).toEqual({
      ...expected,
      headers: Object.keys(expected.headers),
    })
    expect(made.calls()).toEqual([])
    expect(made.sessionEvents).toEqual([])
  })

  it('of HTTP/2, as well', async () => {
    const made = site()
    const seen: unknown[] = []
    const respond = (_: Http2ServerRequest, response: Http2ServerResponse): void => {
      seen.push(marksOf(response))
      response.end('body')
    }
    await ask2(await client(respond))
    const { headers } = await ask2(await client(made.web.handler(respond)), presented)
    expect(seen[1]).toEqual(seen[0])
    expect(headers).not.toHaveProperty('vary')
    expect(made.calls()).toEqual([])
  })

  it.each(expresses)('of $name, as well', async ({ express }) => {
    const made = site()
    const seen: unknown[] = []
    const url = await listen(
      express()
        .disable('x-powered-by')
        .get('/bare', (_, response) => {
          seen.push(marksOf(response))
          response.send('body')
        })
        .use(made.web.middleware)
        .get('/ours', (_, response) => {
          seen.push(marksOf(response))
          response.send('body')
        }),
    )
    const expected = await ask(new URL('/bare', url), { headers: presented })
    const answer = await ask(new URL('/ours', url), { headers: presented })
    expect(seen[1]).toEqual(seen[0])
    expect(Object.keys(answer.headers)).toEqual(Object.keys(expected.headers))
    expect(made.calls()).toEqual([])
  })

  it('has the same functions on its response as any other, so that it is no longer kept than a bare one', () => {
    const { middleware } = site().web
    const [one, other] = [1, 2].map(() => {
      const request = new IncomingMessage(null as never)
      const response = new ServerResponse(request)
      middleware(request, response, () => {})
      return PASSING.slice(0, 4).map((name) => Reflect.get(response, name))
    })
    expect(one).toEqual(other)
    expect(one).not.toContain(undefined)
  })

  it('carries one symbol on the request, which no loop and no JSON shows', async () => {
    const made = site()
    const request = new IncomingMessage(null as never)
    const before = Reflect.ownKeys(request)
    made.web.middleware(request, new ServerResponse(request), () => {})
    const added = Reflect.ownKeys(request).filter((key) => !before.includes(key))
    expect(added.map((key) => typeof key)).toEqual(['symbol'])
  })
})

describe('a request whose session is only read', () => {
  it('costs one read, varies by the cookie, and sets none', async () => {
    const made = site()
    const url = await listen(
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const session = await made.web.open(request)
        if (request.url === '/write') session.set('visits', 1)
        response.end(String(session.get('visits')))
      }),
    )
    const { cookie } = await ask(new URL('/write', url))
    expect(made.calls()).toEqual(['create'])
    const { headers, text } = await ask(url, { headers: { cookie } })
    expect(text).toBe('1')
    expect(headers.vary).toBe('Cookie')
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['cache-control']).toBeUndefined()
    expect(made.calls()).toEqual(['read'])
  })

  it('gives the same session to everyone who asks, and is read once', async () => {
    const made = site()
    const url = await listen(
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const [one, two] = await Promise.all([made.web.open(request), made.web.open(request)])
        response.end(String(one === two && one === (await made.web.open(request))))
        one.has('visits')
      }),
    )
    expect((await ask(url)).text).toBe('true')
  })

  it('is refused once the response has left', async () => {
    const made = site()
    const codes: unknown[] = []
    const url = await listen(
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        response.end('body')
        await made.web.open(request).catch((error) => codes.push(error.code))
      }),
    )
    await ask(url)
    expect(codes).toEqual(['ERR_SESSION_COMMITTED'])
    expect(made.calls()).toEqual([])
  })

  it('and changed after the response has left says so, and nothing is half done [H15, H16]', async () => {
    const made = site()
    const codes: unknown[] = []
    const url = await listen(
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const session = await made.web.open(request)
        response.end('body')
        await new Promise((resolve) => response.once('finish', resolve))
        try {
          session.set('visits', 1)
        } catch (error) {
          codes.push((error as NodeJS.ErrnoException).code)
        }
      }),
    )
    expect((await ask(url)).text).toBe('body')
    await new Promise(setImmediate)
    expect(codes).toEqual(['ERR_SESSION_COMMITTED'])
    expect(made.calls()).toEqual([])
  })
})
