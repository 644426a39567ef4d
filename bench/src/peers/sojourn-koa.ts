import { createSessions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { koaSessions } from '@sojourn/node/koa'
import type { Peer } from '../peer.ts'
import { onKoa } from './on-koa.ts'
import { storeFor } from './sojourn-store.ts'
import { type Data, visitOf } from './sojourn-visit.ts'

export const sojournKoa: Peer = {
  name: 'Sojourn',
  server: 'Koa',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await storeFor(keeping)
    const shop = koaSessions(nodeSessions(createSessions<Data>({ store, secret: secrets })))
    const site = onKoa(
      (app) => app.use(shop),
      act,
      async (ctx) => visitOf(await shop.open(ctx)),
    )
    return { ...site, close }
  },
}
