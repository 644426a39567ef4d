import { Readable } from 'node:stream'
import { SessionError } from '@sojourn/core'
import { koaSessions } from '@sojourn/node/koa'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { ask, listen, site } from './kit.ts'

function serve(
  { web }: ReturnType<typeof site>,
  handler: Koa.Middleware,
  around: Koa.Middleware = (_, next) => next(),
): { app: Koa; url: Promise<URL> } {
  const app = new Koa()
  app.silent = true
  app.use(around).use(koaSessions(web)).use(handler)
  return { app, url: listen(app.callback()) }
}

describe('sessions in Koa', () => {
  it('are opened by the context, and keep its cookies and headers', async () => {
    const of = site()
    const { url } = serve(of, async (ctx) => {
      const session = await of.web.open(ctx)
      session.update('visits', (visits = 0) => visits + 1)
      ctx.cookies.set('theme', 'dark')
      ctx.vary('Accept')
      ctx.body = { visits: session.get('visits') }
    })
    const { cookie, text, headers } = await ask(await url)
    expect(text).toBe('{"visits":1}')
    expect(headers.vary).toBe('Accept, Cookie')
    expect(headers['set-cookie']?.map((line) => line.split('=')[0])).toEqual(['theme', '__Host-id'])
    expect((await ask(await url, { headers: { cookie } })).text).toBe('{"visits":2}')
  })

  it('are written before a stream begins', async () => {
    const of = site()
    const { url } = serve(of, async (ctx) => {
      ;(await of.web.open(ctx)).set('visits', 1)
      ctx.body = Readable.from(['one ', 'two'])
    })
    const { cookie, text } = await ask(await url)
    expect(text).toBe('one two')
    expect(await of.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it('are written before what a handler writes by itself', async () => {
    const of = site()
    const { url } = serve(of, async (ctx) => {
      ;(await of.web.open(ctx)).set('visits', 1)
      ctx.respond = false
      ctx.res.writeHead(200, { 'content-type': 'text/event-stream' })
      ctx.res.end('data: hello\n\n')
    })
    const { cookie, text } = await ask(await url)
    expect(text).toBe('data: hello\n\n')
    expect(await of.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it('throw a commit that fails to the middleware around, with nothing of the response left', async () => {
    const of = site()
    of.failing.add('create')
    const caught: unknown[] = []
    const { url } = serve(
      of,
      async (ctx) => {
        ;(await of.web.open(ctx)).set('visits', 1)
        ctx.set('x-request-id', '7')
        ctx.redirect('/elsewhere')
      },
      async (ctx, next) => {
        try {
          await next()
        } catch (error) {
          caught.push(error)
          ctx.status = 503
          ctx.body = 'later'
        }
      },
    )
    const { status, text, headers } = await ask(await url)
    expect([status, text]).toEqual([503, 'later'])
    expect(caught).toEqual([expect.any(SessionError)])
    expect(headers).not.toHaveProperty('location')
    expect(headers).not.toHaveProperty('set-cookie')
    expect(headers).toHaveProperty('x-request-id', '7')
  })

  it('tell the application of a commit that fails when nobody catches it', async () => {
    const of = site()
    of.failing.add('create')
    const errors: unknown[] = []
    const { app, url } = serve(of, async (ctx) => {
      ;(await of.web.open(ctx)).set('visits', 1)
      ctx.body = 'saved'
    })
    app.on('error', (error) => errors.push(error))
    const { status, text } = await ask(await url)
    expect([status, text]).toEqual([500, 'Internal Server Error'])
    expect(errors).toEqual([expect.any(SessionError)])
  })

  it('save nothing of a handler that throws', async () => {
    const of = site()
    const { url } = serve(of, async (ctx) => {
      ;(await of.web.open(ctx)).set('visits', 1)
      ctx.throw(409, 'no')
    })
    const { status, headers } = await ask(await url)
    expect(status).toBe(409)
    expect(headers).not.toHaveProperty('set-cookie')
    expect(of.calls()).toEqual([])
  })
})
