import { createSessions } from '@sojourn/core'
import { type SessionVariables, session as sojourn } from '@sojourn/hono'
import type { MiddlewareHandler } from 'hono'
import type { Peer } from '../peer.ts'
import { onHono } from './on-hono.ts'
import { storeFor } from './sojourn-store.ts'

type Data = Record<string, string | number>

export const sojournHono: Peer = {
  name: 'Sojourn',
  server: 'Hono',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await storeFor(keeping)
    const sessions = createSessions<Data>({ store, secret: secrets })
    const site = onHono([sojourn(sessions) as MiddlewareHandler], act, async (c) => {
      const session = await (c.var as SessionVariables<Data>).session()
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
