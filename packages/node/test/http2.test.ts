import { once } from 'node:events'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { site } from './kit.ts'
import { ask, client, plain, type Respond, visited } from './kit-http2.ts'

describe('over HTTP/2, but for the session’s headers, a client sees what it would see without us', () => {
  const cases: Record<string, { method?: string; respond: Respond; shows: object }> = {
    end: { respond: (response) => response.end('body'), shows: { text: 'body' } },
    'several writes': {
      respond: (response) => {
        response.write('one ')
        response.write(Buffer.from('two '))
        response.end('dGhyZWU=', 'base64')
      },
      shows: { text: 'one two three' },
    },
    writeHead: {
      respond: (response) => response.writeHead(201, { 'X-A': 'b' }).end('body'),
      shows: { rest: { ':status': 201, 'x-a': 'b' } },
    },
    'a length': {
      respond: (response) => response.writeHead(200, { 'content-length': 4 }).end('body'),
      shows: { rest: { ':status': 200, 'content-length': '4' } },
    },
    'other cookies': {
      respond: (response) => {
        response.setHeader('set-cookie', ['a=1', 'b=2'])
        response.end()
      },
      shows: { theirs: ['a=1', 'b=2'] },
    },
    flushHeaders: {
      respond: (response) => {
        // The types do not know it.
        ;(response as unknown as { flushHeaders(): void }).flushHeaders()
        response.end('body')
      },
      shows: { text: 'body' },
    },
    'a small pipe': {
      respond: (response) => Readable.from(['a', 'b', 'c']).pipe(response),
      shows: { text: 'abc' },
    },
    'a large pipe': {
      respond: (response) => {
        Readable.from(Array.from({ length: 100 }, () => 'a'.repeat(5000))).pipe(response)
      },
      shows: { text: 'a'.repeat(500_000) },
    },
    HEAD: {
      method: 'HEAD',
      respond: (response) => response.writeHead(200, { 'content-length': 4 }).end(),
      shows: { text: '' },
    },
    'a 204': {
      respond: (response) => response.writeHead(204).end(),
      shows: { rest: { ':status': 204 } },
    },
    'a 304': {
      respond: (response) => response.writeHead(304).end(),
      shows: { rest: { ':status': 304 } },
    },
    trailers: {
      respond: (response) => {
        response.write('body')
        response.addTrailers({ 'x-sum': '42' })
        response.end()
      },
      shows: { trailers: { 'x-sum': '42' } },
    },
  }
  it.each(Object.entries(cases))('%s', async (_, { method = 'GET', respond, shows }) => {
    const made = site()
    const bare = await client((request, response) => respond(response, request))
    const ours = await client(visited(made, respond))
    const expected = plain(await ask(bare, { ':method': method }))
    expect(expected).toMatchObject(shows)
    const answer = await ask(ours, { ':method': method })
    expect(plain(answer)).toEqual(expected)
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
    expect(made.calls()).toEqual(['create', 'read'])
    expect(made.events).toEqual([])
  })
})

describe('over HTTP/2', () => {
  it('the head waits for the commit, closed to changes, and streams do not wait for each other', async () => {
    const made = site()
    const seen: unknown[] = []
    const session = await client((request, response) => {
      if (request.url !== '/slow') return response.end('fast')
      return visited(made, (slow) => {
        slow.writeHead(200)
        seen.push(slow.headersSent)
        slow.statusCode = 500
        try {
          slow.setHeader('a', 'b')
        } catch (error) {
          seen.push((error as NodeJS.ErrnoException).code)
        }
        slow.end('slow')
      })(request, response)
    })
    const create = made.gate('create')
    const order: string[] = []
    const slow = ask(session, { ':path': '/slow' }).finally(() => order.push('slow'))
    await create.reached
    await ask(session, { ':path': '/fast' }).finally(() => order.push('fast'))
    create.open()
    expect((await slow).headers[':status']).toBe(200)
    expect(order).toEqual(['fast', 'slow'])
    expect(seen).toEqual([true, 'ERR_HTTP2_HEADERS_SENT'])
  })

  it('a cookie sent in crumbs opens its session', async () => {
    const made = site()
    const session = await client(visited(made, (response) => response.end()))
    const { cookie } = await ask(session)
    made.calls()
    await ask(session, { cookie: ['a=1', cookie, 'b=2'] })
    expect(made.calls()).toEqual(['read'])
  })

  it('a commit that fails leaves nothing of the first response', async () => {
    const made = site()
    made.failing.add('create')
    const session = await client(
      visited(made, (response) => {
        response.writeHead(201, { etag: '"first"', 'set-cookie': 'theirs=1' })
        Readable.from(['first', 'second']).pipe(response)
      }),
    )
    const { headers, text } = await ask(session)
    expect(headers).toMatchObject({ ':status': 500 })
    expect(headers).not.toHaveProperty('etag')
    expect(headers).not.toHaveProperty('set-cookie')
    expect(text).toBe('Internal Server Error\n')
  })

  it('a commit that fails when the head has left past us is told as an event', async () => {
    const made = site()
    made.failing.add('create')
    const session = await client(
      visited(made, (response) => {
        response.stream.respond({ ':status': 200 })
        response.end('body')
      }),
    )
    const stream = session.request().on('error', () => {})
    await once(stream, 'close')
    expect(made.events).toMatchObject([
      { type: 'commit-failed', error: { code: 'ERR_SESSION_STORE' } },
    ])
  })

  it('a client that resets its stream, or ends its connection, does not undo the commit', async () => {
    for (const leave of ['close', 'destroy'] as const) {
      const made = site()
      const { cookie } = await ask(await client(visited(made, (response) => response.end())))
      const gone = Promise.withResolvers<void>()
      const session = await client(
        made.web.handler(async (request: Http2ServerRequest, response: Http2ServerResponse) => {
          ;(await made.web.open(request)).set('visits', 2)
          response.on('close', gone.resolve)
          response.write('a')
          response.end('b')
        }),
      )
      const update = made.gate('update')
      const stream = session.request({ cookie }).on('error', () => {})
      await update.reached
      if (leave === 'close') stream.close(8)
      else session.destroy()
      await gone.promise
      update.open()
      await turn()
      expect(await made.dataOf(cookie)).toEqual({ visits: 2 })
      expect(made.events).toEqual([])
    }
  })
})
