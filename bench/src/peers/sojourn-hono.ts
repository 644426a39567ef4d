import { createSessions } from '@sojourn/core'
import type { Peer } from '../peer.ts'
import { type Data, sojournApp } from './sojourn-app.ts'
import { storeFor } from './sojourn-store.ts'

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
