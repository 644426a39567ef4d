import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { NodeSessions } from '@sojourn/node'
import type { Response } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, type Data, expresses, listen, site } from './kit.ts'

type Respond = (response: ServerResponse, request: IncomingMessage) => unknown

/** A handler that writes to the session, then responds in one of the ways. */
function visited(web: NodeSessions<Data>, respond: Respond) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const session = await web.open(request)
    session.update('visits', (n = 0) => n + 1)
    await respond(response, request)
  }
}

/** Shows that the client hears nothing before the store has answered, and can rely on the write once it does. */
async function expectSaved(
  { gate, dataOf }: ReturnType<typeof site>,
  url: URL,
  path = '',
): Promise<Awaited<ReturnType<typeof ask>>> {
  const create = gate('create')
  const asking = ask(new URL(path, url))
  let heard = false
  asking.then(
    () => (heard = true),
    () => {},
  )
  await create.reached
  // What a head takes to come over the loopback, many times over.
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  expect(heard).toBe(false)
  create.open()
  const answer = await asking
  expect(await dataOf(answer.cookie)).toEqual({ visits: 1 })
  expect(answer.headers['cache-control']).toMatch(/^no-store/)
  return answer
}

describe('the head of a node:http response waits for the commit', () => {
  const ways: Record<string, Respond> = {
    'writeHead and end': (response) => response.writeHead(201, 'Made').end('body'),
    'a first write': (response) => {
      response.statusCode = 201
      response.statusMessage = 'Made'
      response.write('bo')
      response.end('dy')
    },
    'end alone': (response) => {
      Object.assign(response, { statusCode: 201, statusMessage: 'Made' })
      response.end('body')
    },
    flushHeaders: (response) => {
      Object.assign(response, { statusCode: 201, statusMessage: 'Made' })
      response.flushHeaders()
      response.end('body')
    },
    pipe: (response) => {
      response.writeHead(201, 'Made')
      Readable.from(['bo', 'dy']).pipe(response)
    },
    pipeline: async (response) => {
      Object.assign(response, { statusCode: 201, statusMessage: 'Made' })
      await pipeline(Readable.from(['bo', 'dy']), response)
    },
  }
  it.each(Object.entries(ways))('that leaves through %s', async (_, respond) => {
    const made = site()
    const answer = await expectSaved(
      made,
      await listen(made.web.handler(visited(made.web, respond))),
    )
    expect(answer).toMatchObject({ status: 201, message: 'Made', text: 'body' })
    expect(made.calls()).toEqual(['create', 'read'])
    expect(made.events.map(({ type }) => type)).toEqual([])
  })

  it('that leaves before the session was even opened, once it was asked for', async () => {
    const made = site()
    const handler = made.web.handler((request, response) => {
      made.web.open(request).then((session) => session.set('visits', 1))
      response.end('body')
    })
    expect((await expectSaved(made, await listen(handler))).text).toBe('body')
  })

  it('with all that writeHead was given, in each of its forms', async () => {
    const { web } = site()
    const forms: Record<string, (response: ServerResponse) => unknown> = {
      '/object': (response) =>
        response.writeHead(200, { 'X-A': 'b', 'Set-Cookie': ['c=1', 'd=2'] }),
      '/flat': (response) =>
        response.writeHead(200, ['X-A', 'b', 'Set-Cookie', 'c=1', 'Set-Cookie', 'd=2']),
      '/message': (response) =>
        response.writeHead(200, 'Fine', { 'X-A': 'b', 'Set-Cookie': ['c=1', 'd=2'] }),
      '/flat-before': (response) => {
        response.setHeader('X-A', 'replaced')
        response.writeHead(200, ['X-A', 'b', 'Set-Cookie', 'c=1', 'Set-Cookie', 'd=2'])
      },
      '/before': (response) => {
        response.setHeader('X-A', 'replaced')
        response.setHeader('Set-Cookie', ['c=1', 'd=2'])
        response.writeHead(200, { 'X-A': 'b' })
      },
    }
    const url = await listen(
      web.handler(
        visited(web, (response, request) => {
          forms[request.url ?? '']?.(response)
          response.end()
        }),
      ),
    )
    for (const path in forms) {
      const { headers, message } = await ask(new URL(path, url))
      expect(headers['x-a'], path).toBe('b')
      const cookies = ['c=1', 'd=2', expect.stringMatching(/^__Host-id=/)]
      expect(headers['set-cookie'], path).toEqual(cookies)
      expect(message).toBe(path === '/message' ? 'Fine' : 'OK')
    }
  })

  it('and is closed to changes meanwhile, as one that has left', async () => {
    const { web } = site()
    const seen: unknown[] = []
    const code = (run: () => unknown): void => {
      try {
        seen.push(run())
      } catch (error) {
        seen.push((error as NodeJS.ErrnoException).code)
      }
    }
    const handler = visited(web, (response) => {
      response.setHeader('x-a', 'b')
      response.flushHeaders()
      response.statusCode = 500
      response.statusMessage = 'Changed'
      code(() => response.headersSent)
      code(() => response.setHeader('x-a', 'c'))
      code(() => response.appendHeader('x-a', 'c'))
      code(() => response.removeHeader('x-a'))
      code(() => response.writeHead(404))
      code(() => response.getHeader('x-a'))
      code(() => response.writableEnded)
      response.end('body')
      code(() => response.writableEnded)
    })
    const answer = await ask(await listen(web.handler(handler)))
    const sent = 'ERR_HTTP_HEADERS_SENT'
    expect(seen).toEqual([true, sent, sent, sent, sent, 'b', false, true])
    expect(answer).toMatchObject({ status: 200, message: 'OK', headers: { 'x-a': 'b' } })
    expect(answer.text).toBe('body')
  })
})

describe.each(expresses)('the head of a response of $name waits for the commit', ({ express }) => {
  async function shop() {
    const made = site()
    const folder = await mkdtemp(join(tmpdir(), 'sojourn-node-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'page.txt'), 'a page of text')
    const app = express().use(made.web.middleware)
    app.engine('txt', (path, _, done) => done(null, `rendered ${path.slice(-8)}`))
    app.set('views', folder)
    const route = (path: string, respond: (response: Response) => unknown): void => {
      app.get(path, async (request, response) => {
        ;(await made.web.open(request)).update('visits', (n = 0) => n + 1)
        respond(response)
      })
    }
    route('/sendFile', (response) => response.sendFile('page.txt', { root: folder }))
    route('/json', (response) => response.status(201).json({ a: 1 }))
    route('/redirect', (response) => response.redirect('/json'))
    route('/render', (response) => response.render('page.txt'))
    return { made, url: await listen(app) }
  }

  it.each([
    ['/sendFile', 200, 'a page of text', '14'],
    ['/json', 201, '{"a":1}', '7'],
    ['/redirect', 302, 'Found. Redirecting to /json', '27'],
    ['/render', 200, 'rendered page.txt', '17'],
  ])('that leaves through %s', async (path, status, text, length) => {
    const { made, url } = await shop()
    const answer = await expectSaved(made, url, path)
    expect(answer).toMatchObject({ status, text })
    expect(answer.headers['content-length']).toBe(length)
    expect(answer.headers['transfer-encoding']).toBeUndefined()
  })
})
