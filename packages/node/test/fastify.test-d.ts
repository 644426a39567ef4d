import { createSessions, type Json, memoryStore, type Session } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { fastifySessions, type OpenSession, type WithSession } from '@sojourn/node/fastify'
import Fastify, { type FastifyPluginAsync, type FastifyRequest } from 'fastify'
import { describe, expectTypeOf, it } from 'vitest'

interface Shop {
  cart: { title: string; count: number }[]
  visits: number
}

const shop = fastifySessions(nodeSessions(createSessions<Shop>({ store: memoryStore() })))

describe('the plugin for Fastify', () => {
  it('is one', () => {
    Fastify().register(shop)
    Fastify({ logger: true }).register(shop)
    Fastify({ http2: true }).register(shop)
    Fastify({ https: {} }).register(shop)
    Fastify().register(shop, { prefix: '/shop' })
    expectTypeOf(shop).toExtend<FastifyPluginAsync>()
  })

  it('opens a session with the data’s types, from a request as the handler gets it', () => {
    Fastify().get('/', async (request) => {
      const visit = await shop.open(request)
      expectTypeOf(visit).toEqualTypeOf<Session<Shop>>()
      expectTypeOf(visit).not.toBeAny()
      expectTypeOf(visit.get('visits')).toEqualTypeOf<number | undefined>()
      // @ts-expect-error: no such key
      visit.get('card')
      // @ts-expect-error: not of the key's type
      visit.set('visits', 'seven')
    })
    Fastify().get<{ Params: { item: string } }>('/:item', async (request) => {
      expectTypeOf(request.params.item).toEqualTypeOf<string>()
      await shop.open(request, { authoritative: true })
    })
    Fastify({ http2: true }).get('/', async (request) => {
      expectTypeOf(await shop.open(request)).toEqualTypeOf<Session<Shop>>()
    })
  })

  it('opens one in hooks and where errors are handled', () => {
    const app = Fastify()
    app.addHook('onRequest', async (request) => void (await shop.open(request)))
    app.setErrorHandler(async (_, request) => (await shop.open(request)).subject)
    app.setNotFoundHandler(async (request) => (await shop.open(request)).subject)
  })

  it('decorates requests with what an application says, for nothing is declared globally', () => {
    Fastify()
      .register(
        fastifySessions(nodeSessions(createSessions({ store: memoryStore() })), { decorate: true }),
      )
      .get('/', async (request) => {
        expectTypeOf<typeof request>().not.toExtend<WithSession<Shop>>()
        const { session } = request as FastifyRequest & WithSession<Shop>
        expectTypeOf(await session()).toEqualTypeOf<Session<Shop>>()
        expectTypeOf(await session({ authoritative: true })).toEqualTypeOf<Session<Shop>>()
        expectTypeOf(request.getDecorator<OpenSession<Shop>>('session')).toEqualTypeOf<
          OpenSession<Shop>
        >()
      })
    expectTypeOf<WithSession>().toEqualTypeOf<WithSession<Record<string, Json>>>()
  })

  it('takes no word for another', () => {
    const web = nodeSessions(createSessions({ store: memoryStore() }))
    // @ts-expect-error: no such option
    fastifySessions(web, { decorated: true })
    // @ts-expect-error: not a request
    shop.open({})
  })
})
