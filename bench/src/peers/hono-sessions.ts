import type { MiddlewareHandler } from 'hono'
import { MemoryStore, type Session, type SessionData, sessionMiddleware } from 'hono-sessions'
import type { Keeping, Peer } from '../peer.ts'
import { onHono } from './on-hono.ts'

type Data = Record<string, string | number>

/** With the data on the server; a plain id in the cookie, or one that is encrypted. */
function honoSessions(name: string, encrypted: boolean): Peer {
  return {
    name,
    server: 'Hono',
    keeps: 'server',
    stores: ['memory', 'probe'],
    start({ keeping, secrets }, act) {
      const middleware = sessionMiddleware({
        store: keeping.kind === 'probe' ? honoSessionsStore(keeping) : new MemoryStore(),
        expireAfterSeconds: 3600,
        ...(encrypted && { encryptionKey: secrets[0] }),
        cookieOptions: { path: '/', httpOnly: true, sameSite: 'Lax' },
      })
      return onHono([middleware as unknown as MiddlewareHandler], act, (c) => {
        const session = c.get('session' as never) as Session<Data>
        return {
          get: (key) => session.get(key) ?? undefined,
          set: (key, value) => session.set(key, value),
          count: () => session.set('count', Number(session.get('count') ?? 0) + 1),
          end: () => session.deleteSession(),
          renew: () => c.set('session_key_rotation' as never, true as never),
        }
      })
    },
  }
}

export const honoSessionsPlain = honoSessions('hono-sessions', false)
export const honoSessionsEncrypted = honoSessions('hono-sessions, encrypted', true)

function honoSessionsStore({ probe }: Extract<Keeping, { kind: 'probe' }>) {
  const write = (id: string, data: SessionData) => probe.write(id, JSON.stringify(data))
  return {
    async getSessionById(id?: string): Promise<SessionData | null> {
      const text = id && (await probe.read(id))
      return text ? JSON.parse(text) : null
    },
    createSession: write,
    persistSessionData: write,
    deleteSession: (id: string) => probe.delete(id),
  }
}
