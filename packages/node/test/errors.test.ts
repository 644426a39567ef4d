import { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { ErrorRequestHandler, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { ask, expresses, listen, site, visited } from './kit.ts'

// Node's own, as nothing of ours is in the way of it.

/** What the first response says of itself, and one thing that is true of both. */
function describeItself(response: ServerResponse): void {
  response.statusCode = 201
  response.statusMessage = 'Made'
  response.setHeader('x-request-id', '7')
  response.setHeader('location', '/made')
  response.setHeader('etag', '"first"')
  response.setHeader('content-length', 1000)
  response.setHeader('set-cookie', 'theirs=1')
  response.setHeader('cache-control', 'max-age=60')
}

/** What is to be seen of a response that is the error's alone. */
const onlyTheError = {
  status: 500,
  message: 'Internal Server Error',
  headers: { 'x-request-id': '7' },
  cookie: '',
}
const ofTheFirst = ['location', 'etag', 'set-cookie']

describe.each(expresses)('in $name, a commit that fails', ({ express }) => {
  async function shop(respond: (response: Response) => unknown) {
    const made = site()
    const errors: unknown[] = []
    const app = express().use(made.web.middleware)
    app.get('/', async (request, response) => {
      ;(await made.web.open(request)).set('visits', 1)
      describeItself(response)
      await respond(response)
    })
    const sorry: ErrorRequestHandler = (error, _, response, __) => {
      errors.push(error)
      response.status(500).send('sorry')
    }
    app.use(sorry)
    made.failing.add('create')
    return { ...made, errors, url: await listen(app) }
  }

  it.each([
    ['end', (response: Response) => void response.end('first')],
    ['json', (response: Response) => void response.json({ first: true })],
    ['redirect', (response: Response) => response.redirect('/first')],
    ['writeHead', (response: Response) => void response.writeHead(202, 'First').end('first')],
    ['pipe', (response: Response) => void Readable.from(['first', 'second']).pipe(response)],
    [
      'writes that go on',
      async (response: Response) => {
        for (let part = 0; part < 20; part++) {
          response.write('first')
          await turn()
        }
        response.end()
      },
    ],
  ])('goes to next, and nothing is left of a response by %s', async (_, respond) => {
    const { url, errors, events } = await shop(respond)
    const answer = await ask(url)
    expect(answer).toMatchObject({ ...onlyTheError, text: 'sorry' })
    for (const name of ofTheFirst) {
      expect(String(answer.headers[name])).not.toMatch(/first|made|theirs/)
    }
    expect(answer.headers['cache-control']).toBeUndefined()
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_STORE' })])
    expect(events).toEqual([])
  })

  it('lets the next request succeed', async () => {
    const { url, failing, dataOf } = await shop((response) => void response.json(1))
    await ask(url)
    failing.clear()
    const answer = await ask(url)
    expect(answer.status).toBe(201)
    expect(await dataOf(answer.cookie)).toEqual({ visits: 1 })
  })
})

describe('in a node:http handler, a commit that fails', () => {
  it('is answered with 500 and not a word about it', async () => {
    const made = site()
    made.failing.add('create')
    const url = await listen(
      visited(made, (response) => {
        describeItself(response)
        response.end('first')
      }),
    )
    const answer = await ask(url)
    expect(answer).toMatchObject({ ...onlyTheError, text: 'Internal Server Error\n' })
    for (const name of ofTheFirst) expect(answer.headers[name]).toBeUndefined()
  })

  it('goes to onError, which may take its time', async () => {
    const errors: unknown[] = []
    const made = site({
      async onError(error, _, response) {
        errors.push(error)
        await turn()
        response.statusCode = 503
        response.end('later')
      },
    })
    made.failing.add('create')
    const answer = await ask(await listen(visited(made, (response) => response.end('first'))))
    expect(answer).toMatchObject({ status: 503, text: 'later' })
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_STORE' })])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('on purpose')
      },
    ],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
  ])('ends the connection and is told when onError %s', async (_, onError) => {
    const made = site({ onError })
    made.failing.add('create')
    const asking = ask(await listen(visited(made, (response) => response.end('first'))))
    await expect(asking).rejects.toThrow('socket hang up')
    expect(made.events).toEqual([
      { type: 'handler-failed', error: expect.objectContaining({ message: 'on purpose' }) },
    ])
  })

  it('when the head has left past us, is told as an event and ends the connection', async () => {
    const made = site()
    made.failing.add('create')
    const url = await listen(
      visited(made, (response) => {
        Reflect.apply(ServerResponse.prototype.writeHead, response, [200])
        response.end('body')
      }),
    )
    await expect(ask(url)).rejects.toThrow('socket hang up')
    expect(made.events).toEqual([
      { type: 'commit-failed', error: expect.objectContaining({ code: 'ERR_SESSION_STORE' }) },
    ])
  })
})

it('what Node refuses only when the head leaves is an error as well, and the client keeps its session', async () => {
  const made = site()
  const url = await listen(
    visited(made, (response) => {
      // Node takes no trailers without chunks, and says so late.
      response.writeHead(200, { trailer: 'x-sum', 'content-length': 4 }).end('body')
    }),
  )
  const answer = await ask(url)
  expect(answer).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
})

it('a touch that fails after the response has left harms nobody', async () => {
  const made = site()
  const url = await listen(visited(made, (response) => response.end('body')))
  const { cookie } = await ask(url)
  made.clock.advance(600)
  made.failing.add('touch')
  const answer = await ask(url, { headers: { cookie } })
  expect(answer).toMatchObject({ status: 200, text: 'body' })
  const failures = made.sessionEvents.filter(({ type }) => type === 'store-failure')
  expect(failures).toEqual([expect.objectContaining({ operation: 'touch' })])
  expect(made.events).toEqual([])
})
