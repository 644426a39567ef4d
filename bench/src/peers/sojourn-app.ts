import type { Sessions } from '@sojourn/core'
import { type SessionVariables, session as sojourn } from '@sojourn/hono'
import type { MiddlewareHandler } from 'hono'
import type { Act, Site } from '../peer.ts'
import { onHono } from './on-hono.ts'

export type Data = Record<string, string | number>

/** The application on Hono, wherever it runs and whatever keeps its sessions. */
export function sojournApp(sessions: Sessions<Data>, act: Act): Site {
  return onHono([sojourn(sessions) as MiddlewareHandler], act, async (c) => {
    const session = await (c.var as SessionVariables<Data>).session()
    return {
      get: (key) => session.get(key),
      set: (key, value) => session.set(key, value),
      count: () => session.update('count', (count = 0) => Number(count) + 1),
      end: () => session.revoke(),
      renew: () => session.regenerate(),
    }
  })
}
