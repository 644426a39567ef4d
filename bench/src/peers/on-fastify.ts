import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Act, Peer, Site, Visit } from '../peer.ts'
import { nothing } from './on-hono.ts'

export async function onFastify(
  prepare: (app: FastifyInstance) => Promise<unknown>,
  act: Act,
  visit: (request: FastifyRequest) => Visit | Promise<Visit>,
): Promise<Site> {
  const app = fastify()
  await prepare(app)
  app.all('*', async (request, reply) => {
    const text = await act(request.url, () => visit(request))
    return reply.type('text/plain').send(text)
  })
  app.setErrorHandler((_error, _request, reply) =>
    reply.code(500).type('text/plain').send('failed'),
  )
  await app.ready()
  return { listener: app.routing, close: () => app.close() }
}

export const bareFastify: Peer = {
  name: 'bare handler',
  server: 'Fastify',
  keeps: false,
  stores: ['memory'],
  start: (_setting, act) =>
    onFastify(
      async () => {},
      act,
      () => nothing,
    ),
}
