import { createSessions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import type { RequestHandler } from 'express'
import type { Peer } from '../peer.ts'
import { onExpress } from './on-express.ts'
import { storeFor } from './sojourn-store.ts'
import { type Data, visitOf } from './sojourn-visit.ts'

export const sojournExpress: Peer = {
  name: 'Sojourn',
  server: 'Express',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await storeFor(keeping)
    const web = nodeSessions(createSessions<Data>({ store, secret: secrets }))
    const site = onExpress([web.middleware as RequestHandler], act, async (request) =>
      visitOf(await web.open(request)),
    )
    return { ...site, close }
  },
}
