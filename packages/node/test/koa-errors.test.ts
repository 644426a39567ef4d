import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { koaSessions } from '@sojourn/node/koa'
import Koa, { type Context } from 'koa'
import { describe, expect, it } from 'vitest'
import { ask, listen, site, uncaught } from './kit.ts'

/** An application with the middleware, that notes its errors. */
function shop() {
  const made = site()
  const shop = koaSessions(made.web)
  const errors: unknown[] = []
  const app = new Koa()
  app.use(shop)
  app.on('error', (error) => errors.push(error))
  return { ...made, app, errors, open: shop.open, start: () => listen(app.callback()) }
}

/** One that changes the session and then responds. */
function visited(
  { app, open, start }: ReturnType<typeof shop>,
  respond: (ctx: Context) => unknown,
): Promise<URL> {
  app.use(async (ctx) => {
    ;(await open(ctx)).set('visits', 1)
    await respond(ctx)
  })
  return start()
}

const oops = new Error('oops')
const fail = (): never => {
  throw oops
}

describe('in Koa, what a request has changed is not saved', () => {
  it('when its handler throws', async () => {
    const made = shop()
    const answer = await ask(await visited(made, fail))
    expect(answer).toMatchObject({ status: 500, text: 'Internal Server Error', cookie: '' })
    expect(made.errors).toEqual([oops])
    expect(made.calls()).toEqual([])
  })

  it('when its handler calls ctx.throw, which still says what it says', async () => {
    const made = shop()
    const answer = await ask(
      await visited(made, (ctx) => ctx.throw(401, 'who?', { headers: { 'x-a': 'b' } })),
    )
    expect(answer).toMatchObject({ status: 401, text: 'who?', cookie: '', headers: { 'x-a': 'b' } })
    expect(made.calls()).toEqual([])
  })

  it('when its body fails before the first byte', async () => {
    const made = shop()
    const url = await visited(made, (ctx) => {
      ctx.body = new Readable({ read: fail })
    })
    await expect(ask(url)).rejects.toThrow('socket hang up')
    await turn()
    expect(made.errors).toContain(oops)
    expect(made.calls()).toEqual([])
  })

  it('but for what it revoked', async () => {
    const made = shop()
    const url = await visited(made, async (ctx) => {
      if (ctx.path !== '/sign-out') return
      await (await made.open(ctx)).revoke()
      fail()
    })
    const { cookie } = await ask(url)
    await ask(new URL('/sign-out', url), { headers: { cookie } })
    expect(await made.dataOf(cookie)).toEqual({})
  })

  it('but for what a page of errors around the middleware changes', async () => {
    const made = site()
    const shop = koaSessions(made.web)
    const app = new Koa()
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch {
        ;(await shop.open(ctx)).set('cart', ['sorry'])
        ctx.body = 'sorry'
      }
    })
    app.use(shop)
    app.use(async (ctx) => {
      ;(await shop.open(ctx)).set('visits', 1)
      throw oops
    })
    const { text, cookie } = await ask(await listen(app.callback()))
    expect(text).toBe('sorry')
    expect(await made.dataOf(cookie)).toEqual({ cart: ['sorry'] })
  })

  it('and an error that somebody within has answered is none', async () => {
    const made = shop()
    made.app.use(async (ctx, next) => {
      try {
        await next()
      } catch {
        ctx.body = 'sorry'
      }
    })
    const { cookie } = await ask(await visited(made, fail))
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })
})

describe('in Koa, a session that cannot be opened', () => {
  it('is an error of the handler that asks', async () => {
    const made = shop()
    const url = await visited(made, () => {})
    const { cookie } = await ask(url)
    made.failing.add('read')
    expect((await ask(url, { headers: { cookie } })).status).toBe(500)
    expect(made.errors).toMatchObject([{ code: 'ERR_SESSION_STORE' }])
  })
})

describe('in Koa, a commit that fails', () => {
  const ways: Record<string, (ctx: Context) => unknown> = {
    'a text': (ctx) => {
      ctx.body = 'first'
    },
    'an object': (ctx) => {
      ctx.body = { first: true }
    },
    'a redirect': (ctx) => ctx.redirect('/first'),
    'no body': (ctx) => {
      ctx.status = 204
    },
    'ctx.respond = false': (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(202, { etag: '"first"' }).end('first')
    },
    'ctx.res.write': (ctx) => {
      ctx.respond = false
      ctx.res.write('first')
      ctx.res.end('second')
    },
    'a stream': (ctx) => {
      ctx.body = Readable.from(['first', 'second'])
    },
    'an open stream': (ctx) => {
      const body = new PassThrough()
      body.write('first')
      ctx.body = body
    },
    'a Blob': (ctx) => {
      ctx.body = new Blob(['first'])
    },
  }
  it.each(Object.entries(ways))(
    'is the error of the application, and nothing is left of %s',
    async (_, respond) => {
      const made = shop()
      const errors = uncaught()
      const url = await visited(made, (ctx) => {
        ctx.set({ etag: '"first"', 'cache-control': 'max-age=60', 'content-language': 'en' })
        ctx.cookies.set('theirs', '1')
        return respond(ctx)
      })
      made.failing.add('create')
      const answer = await ask(url)
      expect(answer).toMatchObject({
        status: 500,
        message: 'Internal Server Error',
        text: 'Internal Server Error',
      })
      for (const name of ['location', 'etag', 'set-cookie', 'cache-control', 'content-language']) {
        expect(answer.headers[name]).toBeUndefined()
      }
      await turn()
      expect(made.errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_STORE' })])
      expect(made.events).toEqual([])
      expect(errors).toEqual([])
    },
  )

  it('is answered by the application’s own ctx.onerror', async () => {
    const made = shop()
    made.app.context.onerror = function (this: Context) {
      this.status = 503
      this.res.end('sorry')
    }
    const url = await visited(made, (ctx) => {
      ctx.body = 'first'
    })
    made.failing.add('create')
    expect(await ask(url)).toMatchObject({ status: 503, text: 'sorry' })
  })

  it('closes the stream that nobody reads any more', async () => {
    const made = shop()
    const body = new PassThrough()
    body.write('first')
    const closed = once(body, 'close')
    const url = await visited(made, (ctx) => {
      ctx.body = body
    })
    made.failing.add('create')
    expect((await ask(url)).status).toBe(500)
    await closed
  })

  it('lets the next request succeed', async () => {
    const made = shop()
    const url = await visited(made, (ctx) => {
      ctx.body = 'first'
    })
    made.failing.add('create')
    await ask(url)
    made.failing.clear()
    const { text, cookie } = await ask(url)
    expect(text).toBe('first')
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })
})

describe('in Koa, an error between the commit and the head', () => {
  it('is the error of the application, whose answer carries the session that was saved', async () => {
    const made = shop()
    const url = await visited(made, (ctx) => {
      ctx.body = 'first'
      ctx.message = 'no\nmessage'
    })
    const { status, cookie, headers } = await ask(url)
    expect(status).toBe(500)
    expect(headers['cache-control']).toBe('no-store')
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
    expect(made.errors).toMatchObject([{ code: 'ERR_INVALID_CHAR' }])
  })
})

describe('in Koa, an error after the head', () => {
  it('cuts the response off, and what was saved stays so', async () => {
    const made = shop()
    const body = new PassThrough()
    body.write('first ')
    const url = await visited(made, (ctx) => {
      ctx.body = body
    })
    const response = await fetch(url)
    const [cookie = ''] = response.headers.getSetCookie()[0]?.split(';') ?? []
    body.destroy(oops)
    await expect(response.text()).rejects.toThrow('terminated')
    expect(made.errors).toContain(oops)
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it('of a handler that has ended the response leaves it whole', async () => {
    const made = shop()
    const errors = uncaught()
    const url = await visited(made, (ctx) => {
      ctx.respond = false
      ctx.res.end('first')
      throw oops
    })
    const { status, text, cookie } = await ask(url)
    expect({ status, text }).toEqual({ status: 404, text: 'first' })
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
    expect(made.errors).toEqual([oops])
    expect(errors).toEqual([])
  })

  it('of nobody: a client that goes while the store writes does no harm', async () => {
    const made = shop()
    const errors = uncaught()
    const gone = Promise.withResolvers<void>()
    const url = await visited(made, (ctx) => {
      ctx.res.once('close', gone.resolve)
      ctx.body = 'first'
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
    expect(made.events).toEqual([])
    expect(errors).toEqual([])
  })
})
