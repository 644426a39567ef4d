import type Koa from 'koa'
import session from 'koa-session'
import type { Peer } from '../peer.ts'
import type { Probe } from '../probe.ts'
import { onKoa } from './on-koa.ts'

type Data = Record<string, string | number>

function koaSessionPeer(name: string, keeps: 'cookie' | 'server'): Peer {
  return {
    name,
    server: 'Koa',
    keeps,
    stores: keeps === 'server' ? ['memory', 'probe'] : ['memory'],
    start({ keeping, secrets }, act) {
      const prepare = (app: Koa): void => {
        app.keys = [...secrets]
        const store = keeping.kind === 'probe' ? storeOn(keeping.probe) : storeInMemory()
        app.use(session({ ...(keeps === 'server' && { store }) }, app))
      }
      return onKoa(prepare, act, (ctx) => {
        const data = ctx['session'] as Data & { regenerate?(done?: () => void): unknown }
        return {
          get: (key) => data[key],
          set: (key, value) => void Object.assign(data, { [key]: value }),
          count: () => Object.assign(data, { count: Number(data['count'] ?? 0) + 1 }),
          end() {
            ctx['session'] = null
          },
          renew: () => data.regenerate?.(),
        }
      })
    },
  }
}

export const koaSession = koaSessionPeer('koa-session', 'server')
export const koaSessionCookie = koaSessionPeer('koa-session, in the cookie', 'cookie')

function storeOn(probe: Probe) {
  return {
    async get(id: string) {
      const text = await probe.read(id)
      return text ? JSON.parse(text) : null
    },
    set: (id: string, data: unknown) => probe.write(id, JSON.stringify(data)),
    destroy: (id: string) => probe.delete(id),
  }
}

// It brings none.
function storeInMemory() {
  const kept = new Map<string, string>()
  return {
    get: async (id: string) => JSON.parse(kept.get(id) ?? 'null'),
    set: async (id: string, data: unknown) => void kept.set(id, JSON.stringify(data)),
    destroy: async (id: string) => void kept.delete(id),
  }
}
