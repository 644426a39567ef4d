import { nodeSessions } from '@sojourn/node'
import { koaSessions } from '@sojourn/node/koa'
import Koa from 'koa'
import { overSockets } from './over-sockets.ts'

await overSockets((sessions, { answer, failed }) => {
  const shop = koaSessions(nodeSessions(sessions))
  const app = new Koa()
  app.on('error', (error, { req }) => failed(req, error))
  app.use(shop)
  app.use(async (ctx) => {
    const { status, headers, body } = await answer(ctx.req, () => shop.open(ctx))
    ctx.body = body
    ctx.status = status
    ctx.set(headers)
  })
  return app.callback()
})
