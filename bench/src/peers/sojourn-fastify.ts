import { createSessions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { fastifySessions } from '@sojourn/node/fastify'
import type { Peer } from '../peer.ts'
import { onFastify } from './on-fastify.ts'
import { storeFor } from './sojourn-store.ts'
import { type Data, visitOf } from './sojourn-visit.ts'

export const sojournFastify: Peer = {
  name: 'Sojourn',
  server: 'Fastify',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await storeFor(keeping)
    const shop = fastifySessions(nodeSessions(createSessions<Data>({ store, secret: secrets })))
    const site = await onFastify(
      (app) => Promise.resolve(app.register(shop)),
      act,
      async (request) => visitOf(await shop.open(request)),
    )
    return { ...site, close: async () => void (await Promise.all([site.close?.(), close()])) }
  },
}
