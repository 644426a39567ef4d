import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorRequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { ask, expresses, listen, site, visited } from './kit.ts'

const error = new Error('thrown on purpose')

describe('a node:http handler that throws before the head', () => {
  it('saves nothing, and is answered with 500, of which nothing is the handler’s own [I1, I4]', async () => {
    const errors: unknown[] = []
    const made = site({
      onError(thrown, _, response) {
        errors.push(thrown)
        response.end('sorry')
      },
    })
    const url = await listen(
      visited(made, (response) => {
        response.statusCode = 201
        response.setHeader('content-length', 1000)
        response.setHeader('set-cookie', 'theirs=1')
        throw error
      }),
    )
    const answer = await ask(url)
    expect(answer).toMatchObject({ status: 500, text: 'sorry', cookie: '' })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(errors).toEqual([error])
    expect(errors[0]).toBe(error)
    expect(made.calls()).toEqual([])
  })

  it('without awaiting anything is answered as well', async () => {
    const { web } = site()
    const url = await listen(
      web.handler(() => {
        throw error
      }),
    )
    expect(await ask(url)).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
  })

  it('after revoking leaves the session revoked, and takes the cookie away [I2]', async () => {
    const made = site()
    const { cookie } = await ask(await listen(visited(made, (response) => response.end())))
    const url = await listen(
      made.web.handler(async (request) => {
        await (await made.web.open(request)).revoke()
        throw error
      }),
    )
    const { status, headers } = await ask(url, { headers: { cookie } })
    expect(status).toBe(500)
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-id=;.*Max-Age=0/)])
    expect(await made.dataOf(cookie)).toEqual({})
  })
})

describe('a node:http handler that throws after the head', () => {
  it('ends the connection where the response has not ended, and is told as an event', async () => {
    const made = site()
    const url = await listen(
      visited(made, (response) => {
        response.write('half a bo')
        throw error
      }),
    )
    await expect(ask(url)).rejects.toThrow(/socket hang up|aborted/)
    expect(made.events).toEqual([{ type: 'handler-failed', error }])
  })

  it('leaves the response be where it has ended, and is told as an event', async () => {
    const made = site()
    const url = await listen(
      visited(made, (response) => {
        response.end('body')
        throw error
      }),
    )
    const answer = await ask(url)
    expect(answer).toMatchObject({ status: 200, text: 'body' })
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
    expect(made.events).toEqual([{ type: 'handler-failed', error }])
  })
})

describe.each(expresses)('in $name', ({ express }) => {
  it('errorMiddleware drops what a request has changed when it fails, and passes its error on', async () => {
    const made = site()
    const errors: unknown[] = []
    const app = express().use(made.web.middleware)
    app.get('/', async (request, _, next) => {
      ;(await made.web.open(request)).set('visits', 1)
      next(error)
    })
    app.use(made.web.errorMiddleware as never)
    app.use(((thrown, _, response, __) => {
      errors.push(thrown)
      response.status(500).send('sorry')
    }) satisfies ErrorRequestHandler)
    const answer = await ask(await listen(app))
    expect(answer).toMatchObject({ status: 500, text: 'sorry', cookie: '' })
    expect(errors).toEqual([error])
    expect(made.calls()).toEqual([])
  })

  it('a session that cannot be opened is an error for whoever asked, and the cookie stays [I5]', async () => {
    const made = site()
    const app = express().use(made.web.middleware)
    app.get('/', (request, response, next) => {
      made.web.open(request).then((session) => response.end(session.set('visits', 1) && 'ok'), next)
    })
    app.use(((thrown, _, response, __) => {
      response.status(503).send(thrown.code)
    }) satisfies ErrorRequestHandler)
    const url = await listen(app)
    const { cookie } = await ask(url)
    made.calls()
    made.failing.add('read')
    const answer = await ask(url, { headers: { cookie } })
    expect(answer).toMatchObject({ status: 503, text: 'ERR_SESSION_STORE', cookie: '' })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(made.calls()).toEqual(['read'])
    made.failing.clear()
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })
})

describe('a commit by hand', () => {
  type Handle = (request: IncomingMessage, response: ServerResponse) => unknown
  const { web, calls, failing, dataOf, events } = site()
  const change = async (request: IncomingMessage): Promise<void> =>
    void (await web.open(request)).set('visits', 1)

  it.each<[string, Handle]>([
    [
      'before the response',
      async (request, response) => {
        await change(request)
        await web.commit(request, response)
        await web.commit(request, response)
        expect(response.getHeader('set-cookie')).toHaveLength(1)
        response.end('body')
      },
    ],
    [
      'that the response does not wait for',
      async (request, response) => {
        await change(request)
        const committed = web.commit(request, response)
        response.end('body')
        await committed
      },
    ],
    [
      'while the head is on its way',
      async (request, response) => {
        await change(request)
        response.write('bo')
        await web.commit(request, response)
        response.end('dy')
      },
    ],
  ])('%s is the only one', async (_, handle) => {
    const { cookie, text } = await ask(await listen(web.handler(handle)))
    expect(text).toBe('body')
    expect(calls()).toEqual(['create'])
    expect(await dataOf(cookie)).toEqual({ visits: 1 })
    calls()
    expect(events).toEqual([])
  })

  it('needs no handler of ours', async () => {
    const url = await listen(async (request, response) => {
      await change(request)
      await web.commit(request, response)
      response.end('body')
    })
    expect(await dataOf((await ask(url)).cookie)).toEqual({ visits: 1 })
  })

  it('that fails is told to who asked, and the response can say so', async () => {
    failing.add('create')
    const url = await listen(
      web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        await change(request)
        await web.commit(request, response).catch((error) => response.end(error.code))
      }),
    )
    expect(await ask(url)).toMatchObject({ status: 200, text: 'ERR_SESSION_STORE', cookie: '' })
    failing.clear()
  })

  it('is not needed where the session was opened before the middleware came', async () => {
    const url = await listen(async (request, response) => {
      await change(request)
      web.middleware(request, response, () => response.end('body'))
    })
    expect(await dataOf((await ask(url)).cookie)).toEqual({ visits: 1 })
  })
})
