import { createSessions, type Json, memoryStore, type Session } from '@sojourn/core'
import { type OpenSession, type SessionVariables, session } from '@sojourn/hono'
import { type Env, Hono, type MiddlewareHandler } from 'hono'
import { createFactory } from 'hono/factory'
import { describe, expectTypeOf, it } from 'vitest'

interface Shop {
  cart: { title: string; count: number }[]
  visits: number
}

const sessions = createSessions<Shop>({ store: memoryStore() })

describe('c.var.session', () => {
  it('has the data’s types where the middleware is chained', () => {
    new Hono().use(session(sessions)).get('/', async (c) => {
      expectTypeOf(c.var.session).toEqualTypeOf<OpenSession<Shop>>()
      const visit = await c.var.session()
      expectTypeOf(visit).toEqualTypeOf<Session<Shop>>()
      expectTypeOf(visit).not.toBeAny()
      expectTypeOf(visit.get('visits')).toEqualTypeOf<number | undefined>()
      expectTypeOf(visit.get('cart')?.[0]?.title).toEqualTypeOf<string | undefined>()
      expectTypeOf(visit.subject).toEqualTypeOf<string | null>()
      // @ts-expect-error: no such key
      visit.get('card')
      // @ts-expect-error: not of the key's type
      visit.set('visits', 'seven')
      // @ts-expect-error: values read are readonly
      visit.get('cart')?.push({ title: 'tea', count: 1 })
      return c.text('ok')
    })
  })

  it('has them where the middleware is one of a route’s handlers', () => {
    new Hono().get('/', session(sessions), async (c) => {
      expectTypeOf(await c.var.session()).toEqualTypeOf<Session<Shop>>()
      expectTypeOf(await c.get('session')()).toEqualTypeOf<Session<Shop>>()
      return c.text('ok')
    })
  })

  it('has them under a path, behind another middleware and beside other variables', () => {
    const named: MiddlewareHandler<{ Variables: { name: string } }> = (c, next) => {
      c.set('name', 'ada')
      return next()
    }
    new Hono()
      .use(named)
      .use('/shop/*', session(sessions))
      .get('/shop/:item', async (c) => {
        expectTypeOf(c.var.name).toEqualTypeOf<string>()
        expectTypeOf(await c.var.session()).toEqualTypeOf<Session<Shop>>()
        expectTypeOf(c.req.param('item')).toEqualTypeOf<string>()
        return c.text('ok')
      })
  })

  it('has them where the app names its variables', () => {
    const app = new Hono<{ Variables: SessionVariables<Shop> }>()
    app.use(session(sessions))
    app.get('/', async (c) => {
      expectTypeOf(await c.var.session()).toEqualTypeOf<Session<Shop>>()
      return c.text('ok')
    })
    app.notFound(async (c) => {
      expectTypeOf(await c.var.session()).toEqualTypeOf<Session<Shop>>()
      return c.text('nothing here', 404)
    })
    app.onError(async (_, c) => {
      expectTypeOf(await c.var.session()).toEqualTypeOf<Session<Shop>>()
      return c.text('sorry', 500)
    })
  })

  it('has them in handlers of a factory', () => {
    const factory = createFactory<{ Variables: SessionVariables<Shop> }>()
    factory.createHandlers(async (c) => {
      expectTypeOf(await c.var.session()).toEqualTypeOf<Session<Shop>>()
      return c.text('ok')
    })
    factory.createApp().use(session(sessions))
  })

  it('holds JSON where the application does not say what its sessions hold', () => {
    const plain = createSessions({ store: memoryStore() })
    new Hono().use(session(plain)).get('/', async (c) => {
      const visit = await c.var.session()
      expectTypeOf(visit).toEqualTypeOf<Session<Record<string, Json>>>()
      visit.set('anything', [1, 'two', { three: null }])
      // @ts-expect-error: not JSON
      visit.set('anything', () => 1)
      return c.text('ok')
    })
    expectTypeOf<SessionVariables>().toEqualTypeOf<SessionVariables<Record<string, Json>>>()
  })

  it('is not there without the middleware: nothing is declared globally', () => {
    new Hono().get('/', async (c) => {
      // @ts-expect-error: no such variable
      c.get('session')
      return c.text('ok')
    })
    expectTypeOf<Env['Variables']>().not.toExtend<SessionVariables>()
  })
})
