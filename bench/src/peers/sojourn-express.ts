import { createSessions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import type { RequestHandler } from 'express'
import type { Peer } from '../peer.ts'
import { onExpress } from './on-express.ts'
import { storeFor } from './sojourn-store.ts'

type Data = Record<string, string | number>

export const sojournExpress: Peer = {
  name: 'Sojourn',
  server: 'Express',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await storeFor(keeping)
    const web = nodeSessions(createSessions<Data>({ store, secret: secrets }))
    const site = onExpress([web.middleware as RequestHandler], act, async (request) => {
      const session = await web.open(request)
      return {
        get: (key) => session.get(key),
        set: (key, value) => session.set(key, value),
        count: () => session.update('count', (count = 0) => Number(count) + 1),
        end: () => session.revoke(),
        renew: () => session.regenerate(),
      }
    })
    return { ...site, close }
  },
}
