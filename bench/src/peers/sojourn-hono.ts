import { createSessions } from '@sojourn/core'
import type { Peer } from '../peer.ts'
import { sojournApp } from './sojourn-app.ts'
import { storeFor } from './sojourn-store.ts'
import type { Data } from './sojourn-visit.ts'

export const sojournHono: Peer = {
  name: 'Sojourn',
  server: 'Hono',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await storeFor(keeping)
    return { ...sojournApp(createSessions<Data>({ store, secret: secrets }), act), close }
  },
}
