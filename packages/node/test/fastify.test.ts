import { Readable } from 'node:stream'
import { SessionError } from '@sojourn/core'
import { fastifySessions } from '@sojourn/node/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, site } from './kit.ts'

async function serve(
  { web }: ReturnType<typeof site>,
  routes: (app: FastifyInstance) => unknown,
): Promise<URL> {
  const app = fastify()
  await app.register(fastifySessions(web))
  await routes(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => app.close())
  return new URL(app.listeningOrigin)
}

describe('sessions in Fastify', () => {
  it('are there for routes of every plugin, by Fastify’s own request', async () => {
    const of = site()
    const url = await serve(of, async (app) => {
      await app.register(async (inner) => {
        inner.get('/', async (request) => {
          const session = await of.web.open(request)
          session.update('visits', (visits = 0) => visits + 1)
          return { visits: session.get('visits') }
        })
      })
    })
    const { cookie, text } = await ask(url)
    expect(JSON.parse(text)).toEqual({ visits: 1 })
    expect((await ask(url, { headers: { cookie } })).text).toBe('{"visits":2}')
  })

  it('keep the cookies and the headers of the reply', async () => {
    const of = site()
    const url = await serve(of, (app) =>
      app.get('/', async (request, reply) => {
        ;(await of.web.open(request)).set('visits', 1)
        return reply.header('set-cookie', 'theme=dark').header('vary', 'Accept').send('ok')
      }),
    )
    const { headers } = await ask(url)
    expect(headers['set-cookie']).toEqual(['theme=dark', expect.stringMatching(/^__Host-id=/)])
    expect(headers.vary).toBe('Accept, Cookie')
  })

  it('are written before a stream begins', async () => {
    const of = site()
    const url = await serve(of, (app) =>
      app.get('/', async (request, reply) => {
        ;(await of.web.open(request)).set('visits', 1)
        return reply.send(Readable.from(['one ', 'two']))
      }),
    )
    const { cookie, text } = await ask(url)
    expect(text).toBe('one two')
    expect(await of.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it('are written before what a handler writes by itself', async () => {
    const of = site()
    const url = await serve(of, (app) =>
      app.get('/', async (request, reply) => {
        ;(await of.web.open(request)).set('visits', 1)
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
        reply.raw.end('data: hello\n\n')
      }),
    )
    const { cookie, text } = await ask(url)
    expect(text).toBe('data: hello\n\n')
    expect(await of.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it('give a commit that fails to the error handler, and nothing of the reply to the client', async () => {
    const of = site()
    of.failing.add('create')
    const errors: unknown[] = []
    const url = await serve(of, (app) => {
      app.setErrorHandler((error, _request, reply) => {
        errors.push(error)
        return reply.code(503).send('later')
      })
      app.get('/', async (request, reply) => {
        ;(await of.web.open(request)).set('visits', 1)
        return reply.header('location', '/elsewhere').header('x-request-id', '7').send('saved')
      })
    })
    const { status, text, headers } = await ask(url)
    expect([status, text]).toEqual([503, 'later'])
    expect(errors).toEqual([expect.any(SessionError)])
    expect(headers).not.toHaveProperty('location')
    expect(headers).not.toHaveProperty('set-cookie')
    expect(headers).toHaveProperty('x-request-id', '7')
  })

  it('save nothing of a handler that throws, whatever the error handler answers', async () => {
    const of = site()
    const url = await serve(of, (app) => {
      app.setErrorHandler((_error, _request, reply) => reply.code(200).send('never mind'))
      app.get('/', async (request) => {
        ;(await of.web.open(request)).set('visits', 1)
        throw new Error('on purpose')
      })
    })
    const { text, headers } = await ask(url)
    expect(text).toBe('never mind')
    expect(headers).not.toHaveProperty('set-cookie')
    expect(of.calls()).toEqual([])
  })

  it('ask no store for a route that does not ask for its session', async () => {
    const of = site()
    const url = await serve(of, (app) => app.get('/', async () => 'ok'))
    const { headers } = await ask(url, { headers: { cookie: '__Host-id=something' } })
    expect(headers).not.toHaveProperty('vary')
    expect(of.calls()).toEqual([])
  })

  it('go through `inject`', async () => {
    const of = site()
    const app = fastify()
    await app.register(fastifySessions(of.web))
    app.get('/', async (request) => {
      ;(await of.web.open(request)).set('visits', 1)
      return 'ok'
    })
    const { cookies, body } = await app.inject('/')
    expect(body).toBe('ok')
    expect(cookies).toEqual([expect.objectContaining({ name: '__Host-id', httpOnly: true })])
  })
})
