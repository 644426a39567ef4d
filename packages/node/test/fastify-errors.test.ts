import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { fastifySessions } from '@sojourn/node/fastify'
import Fastify, { type FastifyReply } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, listen, site, uncaught } from './kit.ts'

/** An application with the plugin, an error handler that notes what it gets, and a count of the replies that ended. */
function shop() {
  const made = site()
  const shop = fastifySessions(made.web)
  const app = Fastify()
  const errors: unknown[] = []
  let replies = 0
  app.register(shop)
  app.setErrorHandler((error, _, reply) => {
    errors.push(error)
    return reply.send('sorry')
  })
  app.addHook('onResponse', async () => void replies++)
  onTestFinished(() => app.close())
  return {
    ...made,
    app,
    errors,
    open: shop.open,
    /** How many replies have ended. */
    replies: () => replies,
    async start(): Promise<URL> {
      await app.ready()
      return listen(app.server)
    },
  }
}

/** One route, that changes the session and then replies. */
async function visited(
  made: ReturnType<typeof shop>,
  respond: (reply: FastifyReply) => unknown,
): Promise<URL> {
  made.app.get('/', async (request, reply) => {
    ;(await made.open(request)).set('visits', 1)
    return respond(reply)
  })
  return made.start()
}

const oops = new Error('oops')
const fail = (): never => {
  throw oops
}

describe('in Fastify, what a request has changed is not saved', () => {
  it.each([
    ['its handler throws', fail],
    ['its handler sends an error', (reply: FastifyReply) => reply.code(400).send(oops)],
    [
      'its stream fails before the first byte',
      (reply: FastifyReply) => reply.send(new Readable({ read: fail })),
    ],
    [
      'its stream of the Web does',
      (reply: FastifyReply) => reply.send(new ReadableStream({ pull: fail })),
    ],
  ])('when %s', async (_, respond) => {
    const made = shop()
    const answer = await ask(await visited(made, respond))
    expect(answer).toMatchObject({ text: 'sorry', cookie: '' })
    expect(made.errors).toEqual([oops])
    expect(made.calls()).toEqual([])
  })

  it('when a hook throws', async () => {
    const made = shop()
    made.app.addHook('preSerialization', fail)
    const answer = await ask(await visited(made, () => ({ a: 1 })))
    expect(answer).toMatchObject({ text: 'sorry', cookie: '' })
    expect(made.calls()).toEqual([])
  })

  it('when what it brings is not valid', async () => {
    const made = shop()
    const schema = { querystring: { type: 'object', required: ['page'] } }
    made.app.addHook('onRequest', async (request) => {
      ;(await made.open(request)).set('visits', 1)
    })
    made.app.get('/', { schema }, () => 'body')
    const url = await made.start()
    expect(await ask(url)).toMatchObject({ text: 'sorry', cookie: '' })
    expect(made.errors).toMatchObject([{ code: 'FST_ERR_VALIDATION' }])
    expect(made.calls()).toEqual([])
    expect(await ask(new URL('?page=1', url))).toMatchObject({ status: 200, text: 'body' })
    expect(made.calls()).toEqual(['create'])
  })

  it('but for what it revoked', async () => {
    const made = shop()
    made.app.get('/sign-out', async (request) => {
      await (await made.open(request)).revoke()
      throw oops
    })
    const url = await visited(made, () => 'body')
    const { cookie } = await ask(url)
    expect((await ask(new URL('/sign-out', url), { headers: { cookie } })).cookie).toBe(
      '__Host-id=',
    )
    expect(await made.dataOf(cookie)).toEqual({})
  })

  it('but for what the error handler changes', async () => {
    const made = shop()
    made.app.register(async (inner) => {
      inner.setErrorHandler(async (_, request) => {
        ;(await made.open(request)).set('cart', ['sorry'])
        return 'sorry'
      })
      inner.get('/', async (request) => {
        ;(await made.open(request)).set('visits', 1)
        throw oops
      })
    })
    const { cookie } = await ask(await made.start())
    expect(await made.dataOf(cookie)).toEqual({ cart: ['sorry'] })
  })

  it('and a status that says so is no error', async () => {
    const made = shop()
    const url = await visited(made, (reply) => reply.code(422).send({ wrong: true }))
    const { status, cookie } = await ask(url)
    expect(status).toBe(422)
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })
})

describe('in Fastify, a session that cannot be opened', () => {
  it('is an error of the handler that asks', async () => {
    const made = shop()
    const url = await visited(made, () => 'body')
    const { cookie } = await ask(url)
    made.failing.add('read')
    expect(await ask(url, { headers: { cookie } })).toMatchObject({ text: 'sorry', cookie: '' })
    expect(made.errors).toMatchObject([{ code: 'ERR_SESSION_STORE' }])
  })
})

/** What the first reply says of itself, and one thing that is true of both. */
function describeItself(reply: FastifyReply): FastifyReply {
  return reply.code(201).headers({
    'x-request-id': '7',
    location: '/made',
    etag: '"first"',
    'set-cookie': 'theirs=1',
    'cache-control': 'max-age=60',
    'content-language': 'en',
  })
}

describe('in Fastify, a commit that fails', () => {
  const ways: Record<string, (reply: FastifyReply) => unknown> = {
    'a value': () => ({ first: true }),
    'reply.send': (reply) => void reply.send('first'),
    'a redirect': (reply) => reply.redirect('/first'),
    'no body': (reply) => reply.code(204).send(),
    'a stream': (reply) => reply.send(Readable.from(['first', 'second'])),
    'an open stream': (reply) => {
      const body = new PassThrough()
      body.write('first')
      return reply.send(body)
    },
    'a stream of the Web': (reply) => reply.send(new Blob(['first']).stream()),
    'a Response': (reply) => reply.send(new Response('first', { headers: { etag: '"first"' } })),
    writeHead: (reply) => void reply.raw.writeHead(202, { etag: '"first"' }).end('first'),
  }
  it.each(Object.entries(ways))(
    'goes to the error handler, and nothing is left of %s',
    async (_, respond) => {
      const made = shop()
      const errors = uncaught()
      const url = await visited(made, (reply) => respond(describeItself(reply)))
      made.failing.add('create')
      const answer = await ask(url)
      expect(answer).toMatchObject({ status: 500, message: 'Internal Server Error', text: 'sorry' })
      expect(answer.headers['content-length']).toBe('5')
      for (const name of ['location', 'etag', 'set-cookie', 'cache-control', 'content-language']) {
        expect(answer.headers[name]).toBeUndefined()
      }
      expect(made.errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_STORE' })])
      await turn()
      expect(made.replies()).toBe(1)
      expect(made.events).toEqual([])
      expect(errors).toEqual([])
    },
  )

  it('keeps what is as true of the error’s own reply', async () => {
    const made = shop()
    const url = await visited(made, (reply) => describeItself(reply).send('first'))
    made.failing.add('create')
    expect((await ask(url)).headers['x-request-id']).toBe('7')
  })

  it('is Fastify’s own answer where there is no error handler', async () => {
    const made = site()
    const shop = fastifySessions(made.web)
    const app = Fastify().register(shop)
    app.get('/', async (request) => {
      ;(await shop.open(request)).set('visits', 1)
      return 'first'
    })
    await app.ready()
    made.failing.add('create')
    const { status, text } = await ask(await listen(app.server))
    expect(status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ statusCode: 500, code: 'ERR_SESSION_STORE' })
  })

  it('waits for an error handler that takes its time, and for the one around it', async () => {
    const made = shop()
    made.app.register(async (inner) => {
      inner.setErrorHandler(async (error) => {
        await turn()
        throw error
      })
      inner.get('/inner', async (request) => {
        ;(await made.open(request)).set('visits', 1)
        return 'first'
      })
    })
    const url = await made.start()
    made.failing.add('create')
    expect(await ask(new URL('/inner', url))).toMatchObject({ status: 500, text: 'sorry' })
    expect(made.errors).toHaveLength(1)
  })

  it('is told to the client by us after hijack, where nobody else would', async () => {
    const made = shop()
    const url = await visited(made, (reply) => {
      reply.hijack()
      reply.raw.end('first')
    })
    made.failing.add('create')
    expect(await ask(url)).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
    expect(made.errors).toEqual([])
  })

  it('closes the stream that nobody reads any more', async () => {
    const made = shop()
    const body = new PassThrough()
    body.write('first')
    const closed = once(body, 'close')
    const url = await visited(made, (reply) => reply.send(body))
    made.failing.add('create')
    expect((await ask(url)).text).toBe('sorry')
    await closed
  })

  it('lets the next request succeed', async () => {
    const made = shop()
    const url = await visited(made, () => 'first')
    made.failing.add('create')
    await ask(url)
    made.failing.clear()
    const { text, cookie } = await ask(url)
    expect(text).toBe('first')
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })
})

describe('in Fastify, an error between the commit and the head', () => {
  it('goes to the error handler, whose reply carries the session that was saved', async () => {
    const made = shop()
    const url = await visited(made, (reply) => {
      reply.raw.statusMessage = 'no\nmessage'
      return reply.header('set-cookie', 'theirs=1').send('first')
    })
    const { status, text, cookie, headers } = await ask(url)
    expect({ status, text }).toEqual({ status: 500, text: 'sorry' })
    expect(headers['set-cookie']).toHaveLength(1)
    expect(headers['cache-control']).toBe('no-store')
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
    expect(made.errors).toMatchObject([{ code: 'ERR_INVALID_CHAR' }])
  })
})

describe('in Fastify, an error after the head', () => {
  it('cuts the reply off, and what was saved stays so', async () => {
    const made = shop()
    const body = new PassThrough()
    body.write('first ')
    const response = await fetch(await visited(made, (reply) => reply.send(body)))
    const [cookie = ''] = response.headers.getSetCookie()[0]?.split(';') ?? []
    body.destroy(oops)
    await expect(response.text()).rejects.toThrow('terminated')
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
    expect(made.errors).toEqual([])
  })

  it('of a handler that has sent leaves the reply whole, while it waits or later', async () => {
    const made = shop()
    const errors = uncaught()
    const url = await visited(made, (reply) => {
      reply.send('first')
      throw oops
    })
    const { status, text, cookie } = await ask(url)
    expect({ status, text }).toEqual({ status: 200, text: 'first' })
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
    expect(made.errors).toEqual([])
    expect(errors).toEqual([])
  })

  it('of nobody: a client that goes while the store writes does no harm', async () => {
    const made = shop()
    const errors = uncaught()
    const gone = Promise.withResolvers<void>()
    const url = await visited(made, (reply) => {
      reply.raw.once('close', gone.resolve)
      return 'first'
    })
    const create = made.gate('create')
    const leaving = new AbortController()
    const asking = fetch(url, { signal: leaving.signal })
    await create.reached
    leaving.abort()
    await expect(asking).rejects.toThrow()
    await gone.promise
    create.open()
    await turn()
    await turn()
    expect(made.calls()).toEqual(['create'])
    expect(made.errors).toEqual([])
    expect(made.events).toEqual([])
    expect(errors).toEqual([])
  })
})
