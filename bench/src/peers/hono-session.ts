import { type Session, useSession } from '@hono/session'
import type { MiddlewareHandler } from 'hono'
import type { Act, Peer, Setting } from '../peer.ts'
import { onHono } from './on-hono.ts'

type Data = Record<string, string | number>

export const honoSessionJwe: Peer = {
  name: '@hono/session',
  server: 'Hono',
  keeps: 'cookie',
  stores: ['memory'],
  start({ secrets }: Setting, act: Act) {
    const middleware = useSession({ secret: secrets[0].slice(0, 32) })
    return onHono([middleware as unknown as MiddlewareHandler], act, async (c) => {
      const session = c.get('session' as never) as Session<Data>
      let data: Data = (await session.get()) ?? {}
      const put = (change: Data) => {
        data = { ...data, ...change }
        return session.update(data)
      }
      return {
        get: (key) => data[key],
        set: (key, value) => put({ [key]: value }),
        count: () => put({ count: Number(data['count'] ?? 0) + 1 }),
        end: () => session.delete(),
      }
    })
  },
}
