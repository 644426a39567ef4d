import { getCookie, setCookie } from 'hono/cookie'
import { getIronSession } from 'iron-session'
import type { Peer } from '../peer.ts'
import { onHono } from './on-hono.ts'

type Data = Record<string, string | number>

export const ironSession: Peer = {
  name: 'iron-session',
  server: 'Hono',
  keeps: 'cookie',
  stores: ['memory'],
  start: ({ secrets }, act) =>
    onHono([], act, async (c) => {
      const password = Object.fromEntries(
        [...secrets].reverse().map((secret, index) => [index + 1, secret]),
      )
      const cookies = {
        get(name: string) {
          const value = getCookie(c, name)
          return value === undefined ? undefined : { name, value }
        },
        set: (name: string, value: string, options: object) => setCookie(c, name, value, options),
      }
      const session = await getIronSession<Data>(cookies, {
        password,
        cookieName: 'session',
        cookieOptions: { secure: false },
      })
      const put = (change: Data) => {
        Object.assign(session, change)
        return session.save()
      }
      return {
        get: (key) => session[key],
        set: (key, value) => put({ [key]: value }),
        count: () => put({ count: Number(session['count'] ?? 0) + 1 }),
        end: () => session.destroy(),
      }
    }),
}
