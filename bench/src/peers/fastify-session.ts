import cookie from '@fastify/cookie'
import session from '@fastify/session'
import type { Peer } from '../peer.ts'
import type { Probe } from '../probe.ts'
import { onFastify } from './on-fastify.ts'

type Data = Record<string, string | number>

interface ServerSession {
  destroy(): Promise<void>
  regenerate(): Promise<void>
}

type Done = (error?: unknown, result?: unknown) => void

export const fastifySession: Peer = {
  name: '@fastify/session',
  server: 'Fastify',
  keeps: 'server',
  stores: ['memory', 'probe'],
  start: ({ keeping, secrets }, act) =>
    onFastify(
      async (app) => {
        await app.register(cookie)
        await app.register(session, {
          secret: [...secrets],
          saveUninitialized: false,
          cookie: { secure: false, maxAge: 3_600_000 },
          ...(keeping.kind === 'probe' && { store: storeOn(keeping.probe) as never }),
        })
      },
      act,
      (request) => {
        // The types of the two plugins for Fastify claim the same name.
        const session = request.session as unknown as ServerSession
        const data = session as unknown as Data
        return {
          get: (key) => data[key],
          set: (key, value) => void Object.assign(data, { [key]: value }),
          count: () => Object.assign(data, { count: Number(data['count'] ?? 0) + 1 }),
          end: () => session.destroy(),
          renew: () => session.regenerate(),
        }
      },
    ),
}

function storeOn(probe: Probe) {
  return {
    get(id: string, done: Done) {
      probe.read(id).then((text) => done(null, text ? JSON.parse(text) : null), done)
    },
    set(id: string, data: unknown, done: Done) {
      probe.write(id, JSON.stringify(data)).then(() => done(), done)
    },
    destroy(id: string, done: Done) {
      probe.delete(id).then(() => done(), done)
    },
  }
}
