/// <reference path="../packages/cloudflare/test/cloudflare-test.d.ts" />
import './watched-crypto.ts'

import { env } from 'cloudflare:workers'
import { durableObjectStore, kvCache, kvStore } from '@sojourn/cloudflare'
import { type AnyStore, createSessions, memoryStore } from '@sojourn/core'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { used } from './watched-crypto.ts'

export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

const { SESSIONS: sessions, SUBJECTS: subjects, SESSIONS_KV: namespace } = env
const objects = durableObjectStore({ sessions, subjects })
const site = {
  objects: sitesOf(objects),
  kv: sitesOf(kvStore({ namespace })),
  cached: sitesOf(kvCache(objects, { namespace })),
  // Draws its secret itself, when it is first needed.
  memory: sitesOf(memoryStore(), null),
}

function sitesOf(
  store: AnyStore,
  secret: string[] | null = ['x'.repeat(32), 'y'.repeat(32)],
): Record<string, (request: Request) => Response | Promise<Response>> {
  const site = createSessions<{ visits: number }>({ store, ...(secret && { secret }) })
  const app = new Hono().use(session(site)).all('*', async (c) => {
    const session = await c.var.session()
    session.update('visits', (n = 0) => n + 1)
    return c.text(`${session.get('visits')}`)
  })
  return {
    hono: (request) => app.fetch(request),
    core: site.wrap(async (_, open) => {
      const session = await open()
      session.update('visits', (n = 0) => n + 1)
      return new Response(`${session.get('visits')}`)
    }),
  }
}

export default {
  fetch(request: Request): Response | Promise<Response> {
    const [, store = '', framework = ''] = new URL(request.url).pathname.split('/')
    if (store === 'used') return Response.json(used)
    const handle = site[store as keyof typeof site]?.[framework]
    return handle?.(request) ?? new Response(null, { status: 404 })
  },
}
