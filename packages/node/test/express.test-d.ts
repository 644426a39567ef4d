import { createSessions, memoryStore, type Session } from '@sojourn/core'
import { nodeSessions, type WithSession } from '@sojourn/node'
import express, { type Request } from 'express'
import { describe, expectTypeOf, it } from 'vitest'

interface Shop {
  cart: { title: string; count: number }[]
  visits: number
}

const web = nodeSessions(createSessions<Shop>({ store: memoryStore() }))

describe('the middleware for Express', () => {
  it('opens a session with the data’s types, from a request as a handler gets it', () => {
    const app = express().use(web.middleware)
    app.get('/:item', async (request, response) => {
      expectTypeOf(await web.open(request)).toEqualTypeOf<Session<Shop>>()
      expectTypeOf(request.params.item).toEqualTypeOf<string>()
      response.send('ok')
    })
    app.use(web.errorMiddleware)
  })

  it('decorates requests with what an application says', () => {
    const app = express().use(web.expressStyle)
    app.get('/', async (request, response) => {
      const { session, path } = request as Request & WithSession<Shop>
      expectTypeOf(await session()).toEqualTypeOf<Session<Shop>>()
      expectTypeOf(path).toEqualTypeOf<string>()
      response.send('ok')
    })
  })
})
