import { nodeSessions } from '@sojourn/node'
import { fastifySessions } from '@sojourn/node/fastify'
import Fastify from 'fastify'
import { overSockets } from './over-sockets.ts'

await overSockets(async (sessions, { answer, failed }) => {
  const shop = fastifySessions(nodeSessions(sessions))
  const app = Fastify()
  app.register(shop)
  app.setErrorHandler((error, request, reply) => {
    failed(request.raw, error)
    return reply.code(500).send()
  })
  app.all('*', async (request, reply) => {
    const { status, headers, body } = await answer(request.raw, () => shop.open(request))
    return reply.code(status).headers(headers).send(body)
  })
  await app.ready()
  return (request, response) => app.routing(request, response)
})
