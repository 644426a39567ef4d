import { createSessions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { koaSessions } from '@sojourn/node/koa'
import type { Peer } from '../peer.ts'
import { onKoa } from './on-koa.ts'
import { storeFor } from './sojourn-store.ts'

type Data = Record<string, string | number>

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
      async (ctx) => {
        const session = await shop.open(ctx)
        return {
          get: (key) => session.get(key),
          set: (key, value) => session.set(key, value),
          count: () => session.update('count', (count = 0) => Number(count) + 1),
          end: () => session.revoke(),
          renew: () => session.regenerate(),
        }
      },
    )
    return { ...site, close }
  },
}
