import { connect } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import type { NodeSessionsOptions } from '@sojourn/node'
import {
  type FastifySessionsOptions,
  fastifySessions,
  type OpenSession,
  type WithSession,
} from '@sojourn/node/fastify'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, type Data, listen, site } from './kit.ts'
import { expectSaved } from './kit-frameworks.ts'
import { ask as askHttp2 } from './kit-http2.ts'

/** An application with the plugin, and where it listens once its routes stand. */
function shop(options: FastifySessionsOptions & NodeSessionsOptions = {}) {
  const { decorate = false, ...rest } = options
  const made = site(rest)
  const shop = fastifySessions(made.web, { decorate })
  const app: FastifyInstance = Fastify().register(shop)
  onTestFinished(() => app.close())
  return {
    ...made,
    app,
    shop,
    open: shop.open,
    async start(): Promise<URL> {
      await app.ready()
      return listen(app.server)
    },
  }
}

type Made = ReturnType<typeof shop>

/** One route, that counts a visit and then replies. */
async function visited(
  made: Made,
  respond: (reply: FastifyReply, request: FastifyRequest) => unknown,
): Promise<URL> {
  made.app.get('/', async (request, reply) => {
    const session = await made.open(request)
    session.update('visits', (visits = 0) => visits + 1)
    return respond(reply, request)
  })
  return made.start()
}

describe('a session in Fastify', () => {
  it('is written by one request, and read by the next', async () => {
    const made = shop()
    made.app.get('/write', async (request) => {
      const session = await made.open(request)
      session.set('visits', 7)
      return { saved: true }
    })
    made.app.get('/', async (request) => ({ visits: (await made.open(request)).get('visits') }))
    const url = await made.start()
    const { cookie, headers, text } = await ask(new URL('/write', url))
    expect(JSON.parse(text)).toEqual({ saved: true })
    expect(headers['cache-control']).toBe('no-store')
    expect(made.calls()).toEqual(['create'])
    const second = await ask(url, { headers: { cookie } })
    expect(JSON.parse(second.text)).toEqual({ visits: 7 })
    expect(second.headers).toMatchObject({ vary: 'Cookie' })
    expect(second.headers['set-cookie']).toBeUndefined()
    expect(made.calls()).toEqual(['read'])
  })

  it('is somebody’s from sign-in to sign-out, and its tokens before and after are dead', async () => {
    const made = shop()
    const subject = async (request: FastifyRequest) => String((await made.open(request)).subject)
    made.app.get('/', subject)
    made.app.post('/visit', async (request, reply) => {
      ;(await made.open(request)).set('visits', 1)
      return reply.code(204).send()
    })
    made.app.post('/sign-in', async (request, reply) => {
      ;(await made.open(request)).signIn('ada', { method: 'password' })
      return reply.redirect('/')
    })
    made.app.post('/sign-out', async (request, reply) => {
      await (await made.open(request)).revoke()
      return reply.redirect('/')
    })
    const url = await made.start()
    const post = (path: string, cookie: string) =>
      ask(new URL(path, url), { method: 'POST', headers: { cookie } })
    const get = async (cookie: string) => (await ask(url, { headers: { cookie } })).text

    const anonymous = await post('/visit', '')
    expect(anonymous.status).toBe(204)
    const signedIn = await post('/sign-in', anonymous.cookie)
    expect(signedIn).toMatchObject({ status: 302, headers: { location: '/' } })
    expect(await get(signedIn.cookie)).toBe('ada')
    expect(await get(anonymous.cookie)).toBe('null')
    const signedOut = await post('/sign-out', signedIn.cookie)
    expect(signedOut.cookie).toBe('__Host-id=')
    expect(await get(signedIn.cookie)).toBe('null')
  })

  it('that nobody asks for costs the store nothing, and is not to be seen in the response', async () => {
    const made = shop()
    made.app.get('/', () => 'body')
    const { headers, text } = await ask(await made.start(), {
      headers: { cookie: `__Host-id=${'A'.repeat(60)}` },
    })
    expect(text).toBe('body')
    expect(Object.keys(headers).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
    ])
    expect(made.calls()).toEqual([])
  })

  it('is one, whoever asks: hooks, handlers, and node:http’s own request', async () => {
    const made = shop()
    const seen: unknown[] = []
    made.app.addHook('preHandler', async (request) => void seen.push(await made.open(request)))
    made.app.get('/', async (request) => {
      seen.push(await made.open(request), await made.web.open(request.raw))
      return 'body'
    })
    await ask(await made.start())
    expect(new Set(seen).size).toBe(1)
    expect(seen).toHaveLength(3)
  })

  it('may be opened by a hook that stands before the plugin', async () => {
    const made = site()
    const shop = fastifySessions(made.web)
    const app = Fastify()
    app.addHook('onRequest', async (request) => {
      ;(await shop.open(request)).set('visits', 3)
    })
    await app.register(shop)
    app.get('/', () => 'body')
    await app.ready()
    const { cookie } = await ask(await listen(app.server))
    expect(await made.dataOf(cookie)).toEqual({ visits: 3 })
  })

  it('keeps what requests at the same time have changed, each its own', async () => {
    const made = shop()
    made.app.get('/:key', async (request) => {
      const session = await made.open(request)
      const { key } = request.params as { key: keyof Data }
      if (key === 'visits') session.set('visits', 1)
      else session.set('cart', ['tea'])
      return key
    })
    const url = await made.start()
    const { cookie } = await ask(new URL('/visits', url))
    const update = made.gate('update')
    const both = ['/visits', '/cart'].map((path) =>
      ask(new URL(path, url), { headers: { cookie } }),
    )
    await update.reached
    update.open()
    await Promise.all(both)
    expect(await made.dataOf(cookie)).toEqual({ visits: 1, cart: ['tea'] })
  })

  it('is there over HTTP/2', async () => {
    const made = site()
    const shop = fastifySessions(made.web)
    const app = Fastify({ http2: true }).register(shop)
    app.get('/', async (request) => {
      ;(await shop.open(request)).set('visits', 2)
      return 'body'
    })
    await app.ready()
    const connection = connect(await listen(app.server))
    onTestFinished(() => connection.destroy())
    const answer = await askHttp2(connection)
    expect(answer.text).toBe('body')
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 2 })
  })

  it('is there for inject', async () => {
    const made = shop()
    made.app.get('/', async (request) => {
      const session = await made.open(request)
      session.update('visits', (visits = 0) => visits + 1)
      return { visits: session.get('visits') }
    })
    const first = await made.app.inject('/')
    expect(first.json()).toEqual({ visits: 1 })
    const [cookie] = String(first.headers['set-cookie']).split(';')
    expect((await made.app.inject({ url: '/', headers: { cookie } })).json()).toEqual({ visits: 2 })
  })
})

describe('the head of a reply waits for the commit', () => {
  const ways: Record<string, (reply: FastifyReply) => unknown> = {
    'a value returned': () => ({ a: 1 }),
    'reply.send': (reply) => reply.code(201).send('body'),
    'a redirect': (reply) => reply.redirect('/there', 303),
    'an answer without a body': (reply) => reply.code(204).send(),
    'a stream': (reply) => reply.send(Readable.from(['bo', 'dy'])),
    'a stream of the Web': (reply) => reply.send(new Blob(['body']).stream()),
    'a Response': (reply) => reply.send(new Response('body', { headers: { 'x-a': 'b' } })),
    hijack: (reply) => {
      reply.hijack()
      reply.raw.writeHead(202, { 'x-a': 'b' })
      reply.raw.end('body')
    },
    trailers: (reply) => reply.trailer('x-sum', async () => '42').send('body'),
  }
  it.each(Object.entries(ways))('that leaves through %s', async (_, respond) => {
    const bare = Fastify()
    bare.get('/', async (__, reply) => respond(reply))
    await bare.ready()
    const { text, status, headers, trailers } = await ask(await listen(bare.server))
    const made = shop()
    const answer = await expectSaved(made, await visited(made, respond), { visits: 1 })
    expect(answer).toMatchObject({ text, status, trailers })
    const { 'set-cookie': cookies, 'cache-control': _c, vary, ...rest } = answer.headers
    expect({ ...rest, date: headers.date }).toEqual(headers)
    expect(vary).toBe('Cookie')
    expect(cookies).toHaveLength(1)
    expect(made.events).toEqual([])
  })

  it('and the body does not: its first part arrives before the last is there', async () => {
    const made = shop()
    const body = new PassThrough()
    const url = await visited(made, (reply) => {
      body.write('first ')
      return reply.send(body)
    })
    const response = await fetch(url)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe('first ')
    body.end('last')
    expect((await reader?.read())?.value).toBe('last')
  })

  it('with the cookies and headers of the handler beside ours', async () => {
    const made = shop()
    const url = await visited(made, (reply) =>
      reply.header('set-cookie', 'theirs=1').header('x-a', 'b').send('body'),
    )
    const { headers } = await ask(url)
    expect(headers['set-cookie']).toEqual(['theirs=1', expect.stringMatching(/^__Host-id=/)])
    expect(headers['x-a']).toBe('b')
  })
})

describe('the plugin', () => {
  it('applies where it is registered and below, and not beside', async () => {
    const made = site()
    const shop = fastifySessions(made.web, { decorate: true })
    const app = Fastify()
    app.register(async (inside) => {
      inside.register(shop)
      inside.register(async (below) => {
        below.get('/inside', (request) => String('session' in request))
      })
    })
    app.get('/outside', (request) => String('session' in request))
    await app.ready()
    const url = await listen(app.server)
    expect((await ask(new URL('/inside', url))).text).toBe('true')
    expect((await ask(new URL('/outside', url))).text).toBe('false')
  })

  it('gives requests session(), where that is asked for', async () => {
    const made = shop({ decorate: true })
    made.app.get('/', async (request) => {
      const { session } = request as FastifyRequest & WithSession<Data>
      ;(await session()).set('visits', 5)
      const same = request.getDecorator<OpenSession<Data>>('session')
      return (await same()) === (await made.open(request))
    })
    const { text, cookie } = await ask(await made.start())
    expect(text).toBe('true')
    expect(await made.dataOf(cookie)).toEqual({ visits: 5 })
  })

  it('does so for each request its own', async () => {
    const made = shop({ decorate: true })
    const seen = new Set<unknown>()
    made.app.get('/', async (request) => {
      seen.add(await (request as FastifyRequest & WithSession<Data>).session())
      return 'body'
    })
    const url = await made.start()
    await Promise.all([ask(url), ask(url)])
    expect(seen.size).toBe(2)
  })

  it('leaves requests alone, where it is not', async () => {
    const made = shop()
    made.app.get('/', (request) => String('session' in request))
    expect((await ask(await made.start())).text).toBe('false')
  })

  it('takes nobody’s place', async () => {
    const app = Fastify().decorateRequest('session', '')
    app.register(fastifySessions(site().web, { decorate: true }))
    await expect(app.ready()).rejects.toMatchObject({ code: 'FST_ERR_DEC_ALREADY_PRESENT' })
  })
})
