import { connect, createServer } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import { type KoaSessionsOptions, koaSessions, type WithSession } from '@sojourn/node/koa'
import Koa, { type Context, type DefaultState } from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, type Data, listen, site } from './kit.ts'
import { expectSaved } from './kit-frameworks.ts'
import { ask as askHttp2 } from './kit-http2.ts'

/** An application with the middleware. */
function shop(options: KoaSessionsOptions = {}) {
  const made = site()
  const shop = koaSessions(made.web, options)
  const app = new Koa<DefaultState, WithSession<Data>>()
  app.use(shop)
  return { ...made, app, open: shop.open, start: () => listen(app.callback()) }
}

/** One that counts a visit and then responds. */
function visited(
  { app, open, start }: ReturnType<typeof shop>,
  respond: (ctx: Context) => unknown,
): Promise<URL> {
  app.use(async (ctx) => {
    const session = await open(ctx)
    session.update('visits', (visits = 0) => visits + 1)
    await respond(ctx as unknown as Context)
  })
  return start()
}

describe('a session in Koa', () => {
  it('is written by one request, and read by the next', async () => {
    const made = shop()
    made.app.use(async (ctx) => {
      const session = await made.open(ctx)
      if (ctx.path === '/write') session.set('visits', 7)
      ctx.body = { visits: session.get('visits') }
    })
    const url = await made.start()
    const { cookie, headers } = await ask(new URL('/write', url))
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
    made.app.use(async (ctx) => {
      const session = await made.open(ctx)
      if (ctx.path === '/') ctx.body = String(session.subject)
      else ctx.redirect('/')
      if (ctx.path === '/visit') session.set('visits', 1)
      if (ctx.path === '/sign-in') session.signIn('ada', { method: 'password' })
      if (ctx.path === '/sign-out') await session.revoke()
    })
    const url = await made.start()
    const go = (path: string, cookie: string) => ask(new URL(path, url), { headers: { cookie } })

    const anonymous = await go('/visit', '')
    const signedIn = await go('/sign-in', anonymous.cookie)
    expect(signedIn).toMatchObject({ status: 302, headers: { location: '/' } })
    expect((await go('/', signedIn.cookie)).text).toBe('ada')
    expect((await go('/', anonymous.cookie)).text).toBe('null')
    const signedOut = await go('/sign-out', signedIn.cookie)
    expect(signedOut.cookie).toBe('__Host-id=')
    expect((await go('/', signedIn.cookie)).text).toBe('null')
  })

  it('that nobody asks for costs the store nothing, and is not to be seen in the response', async () => {
    const made = shop()
    made.app.use((ctx) => {
      ctx.body = 'body'
    })
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

  it('is one, whoever asks, and whether the middleware comes once or twice', async () => {
    const made = shop()
    const seen: unknown[] = []
    made.app.use(koaSessions(made.web))
    made.app.use(async (ctx, next) => {
      seen.push(await made.open(ctx))
      await next()
      seen.push(await made.web.open(ctx.req))
    })
    await ask(await visited(made, (ctx) => (ctx.body = 'body')))
    expect(new Set(seen).size).toBe(1)
    expect(made.calls()).toEqual(['create'])
  })

  it('may be changed by whoever stands around the handler, before and after it', async () => {
    const made = site()
    const shop = koaSessions(made.web)
    const app = new Koa()
    app.use(async (ctx, next) => {
      ;(await shop.open(ctx)).set('visits', 1)
      await next()
      ;(await shop.open(ctx)).set('cart', ['tea'])
    })
    app.use(shop)
    app.use((ctx) => {
      ctx.body = 'body'
    })
    const { cookie } = await ask(await listen(app.callback()))
    expect(await made.dataOf(cookie)).toEqual({ visits: 1, cart: ['tea'] })
  })

  it('keeps what requests at the same time have changed, each its own', async () => {
    const made = shop()
    made.app.use(async (ctx) => {
      const session = await made.open(ctx)
      if (ctx.path === '/visits') session.set('visits', 1)
      else session.set('cart', ['tea'])
      ctx.status = 204
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
    const made = shop()
    made.app.use(async (ctx) => {
      ;(await made.open(ctx)).set('visits', 2)
      ctx.body = 'body'
    })
    const connection = connect(await listen(createServer(made.app.callback())))
    onTestFinished(() => connection.destroy())
    const answer = await askHttp2(connection)
    expect(answer.text).toBe('body')
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 2 })
  })
})

describe('the head of a Koa response waits for the commit', () => {
  const ways: Record<string, (ctx: Context) => unknown> = {
    'a text': (ctx) => {
      ctx.status = 201
      ctx.body = 'body'
    },
    'an object': (ctx) => {
      ctx.body = { a: 1 }
    },
    'a redirect': (ctx) => ctx.redirect('/there'),
    'an answer without a body': (ctx) => {
      ctx.status = 204
    },
    'nothing at all': () => {},
    'a stream': (ctx) => {
      ctx.body = Readable.from(['bo', 'dy'])
    },
    'a stream of the Web': (ctx) => {
      ctx.body = new Blob(['body']).stream()
    },
    'a Blob': (ctx) => {
      ctx.body = new Blob(['body'])
    },
    'ctx.respond = false': (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(202, { 'x-a': 'b' })
      ctx.res.end('body')
    },
    'ctx.flushHeaders': (ctx) => {
      ctx.status = 200
      ctx.type = 'text'
      ctx.flushHeaders()
      ctx.body = 'body'
    },
    'ctx.res.end': (ctx) => ctx.res.end('body'),
  }
  it.each(Object.entries(ways))('that leaves through %s', async (_, respond) => {
    const bare = new Koa()
    bare.use(async (ctx) => void (await respond(ctx)))
    const { text, status, headers } = await ask(await listen(bare.callback()))
    const made = shop()
    const answer = await expectSaved(made, await visited(made, respond), { visits: 1 })
    expect(answer).toMatchObject({ text, status })
    const { 'set-cookie': cookies, 'cache-control': _c, vary, ...rest } = answer.headers
    expect({ ...rest, date: headers.date }).toEqual(headers)
    expect(vary).toBe('Cookie')
    expect(cookies).toHaveLength(1)
    expect(made.events).toEqual([])
  })

  it('and the body does not: its first part arrives before the last is there', async () => {
    const made = shop()
    const body = new PassThrough()
    const url = await visited(made, (ctx) => {
      body.write('first ')
      ctx.body = body
    })
    const response = await fetch(url)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe('first ')
    body.end('last')
    expect((await reader?.read())?.value).toBe('last')
  })

  it('with the cookies of the handler beside ours', async () => {
    const made = shop()
    const url = await visited(made, (ctx) => {
      ctx.cookies.set('theirs', '1')
      ctx.body = 'body'
    })
    expect((await ask(url)).headers['set-cookie']).toEqual([
      expect.stringMatching(/^theirs=1/),
      expect.stringMatching(/^__Host-id=/),
    ])
  })
})

describe('the middleware of Koa', () => {
  it('gives contexts session(), where that is asked for', async () => {
    const made = shop({ decorate: true })
    made.app.use(async (ctx) => {
      const { session } = ctx
      ;(await session()).set('visits', 5)
      ctx.body = (await session()) === (await made.open(ctx))
    })
    const { text, cookie } = await ask(await made.start())
    expect(text).toBe('true')
    expect(await made.dataOf(cookie)).toEqual({ visits: 5 })
  })

  it('leaves contexts alone, where it is not', async () => {
    const made = shop()
    made.app.use((ctx) => {
      ctx.body = 'session' in ctx
    })
    expect((await ask(await made.start())).text).toBe('false')
  })

  it('takes nobody’s place', async () => {
    const made = site()
    const app = new Koa<DefaultState, { session: unknown }>()
    app.context.session = { theirs: true }
    const errors: unknown[] = []
    app.on('error', (error) => errors.push(error))
    app.use(koaSessions(made.web, { decorate: true }))
    expect((await ask(await listen(app.callback()))).status).toBe(500)
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^"session" is taken/) }),
    ])
  })
})
