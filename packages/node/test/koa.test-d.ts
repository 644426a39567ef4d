import { createSessions, memoryStore, type Session } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { koaSessions, type OpenSession, type WithSession } from '@sojourn/node/koa'
import Koa, { type DefaultState } from 'koa'
import { describe, expectTypeOf, it } from 'vitest'

interface Shop {
  cart: { title: string; count: number }[]
  visits: number
}

const web = nodeSessions(createSessions<Shop>({ store: memoryStore() }))
const shop = koaSessions(web)

describe('the middleware for Koa', () => {
  it('is one', () => {
    expectTypeOf(shop).toExtend<Koa.Middleware>()
    new Koa().use(shop).use(async (ctx) => {
      ctx.body = 'still a context'
    })
    new Koa<{ name: string }, { log: string }>().use(shop).use(async (ctx) => {
      expectTypeOf(ctx.state.name).toEqualTypeOf<string>()
      expectTypeOf(ctx.log).toEqualTypeOf<string>()
    })
  })

  it('opens a session with the data’s types, from a context as a middleware gets it', () => {
    new Koa().use(shop).use(async (ctx) => {
      const visit = await shop.open(ctx)
      expectTypeOf(visit).toEqualTypeOf<Session<Shop>>()
      expectTypeOf(visit).not.toBeAny()
      expectTypeOf(visit.get('visits')).toEqualTypeOf<number | undefined>()
      await shop.open(ctx, { authoritative: true })
      // @ts-expect-error: no such key
      visit.get('card')
      // @ts-expect-error: not of the key's type
      visit.set('visits', 'seven')
    })
  })

  it('decorates contexts with what an application says', () => {
    const app = new Koa<DefaultState, WithSession<Shop>>()
    app.use(koaSessions(web, { decorate: true }))
    app.use(async (ctx) => {
      expectTypeOf(ctx.session).toEqualTypeOf<OpenSession<Shop>>()
      expectTypeOf(await ctx.session()).toEqualTypeOf<Session<Shop>>()
    })
  })

  it('takes no word for another', () => {
    // @ts-expect-error: no such option
    koaSessions(web, { decorated: true })
    // @ts-expect-error: not a context
    shop.open({})
  })
})
