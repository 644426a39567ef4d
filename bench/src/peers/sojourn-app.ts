import type { Sessions } from '@sojourn/core'
import { type SessionVariables, session as sojourn } from '@sojourn/hono'
import type { MiddlewareHandler } from 'hono'
import type { Act, Site } from '../peer.ts'
import { onHono } from './on-hono.ts'
import { type Data, visitOf } from './sojourn-visit.ts'

/** The application on Hono, wherever it runs and whatever keeps its sessions. */
export function sojournApp(sessions: Sessions<Data>, act: Act): Site {
  return onHono([sojourn(sessions) as MiddlewareHandler], act, async (c) =>
    visitOf(await (c.var as SessionVariables<Data>).session()),
  )
}
