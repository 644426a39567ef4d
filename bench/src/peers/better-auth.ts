import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import type { Peer } from '../peer.ts'
import { onHono } from './on-hono.ts'

/** `getSession` of somebody who is signed in; it keeps no data of the application's, so it only reads. */
export const betterAuthPeer: Peer = {
  name: 'better-auth getSession',
  server: 'Hono',
  keeps: 'server',
  stores: ['memory'],
  cannot: ['write', 'create'],
  start({ secrets }, act) {
    const auth = betterAuth({
      secret: secrets[0],
      baseURL: 'http://localhost',
      database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
      emailAndPassword: { enabled: true, autoSignIn: true },
      telemetry: { enabled: false },
      rateLimit: { enabled: false },
    })
    return onHono([], act, async (c) => {
      const { headers } = c.req.raw
      const kept = await auth.api.getSession({ headers })
      return {
        get: () => kept?.user.name,
        async set(_key, name) {
          const body = {
            name,
            email: `${crypto.randomUUID()}@example.com`,
            password: 'a long password',
          }
          const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true })
          for (const cookie of headers.getSetCookie())
            c.header('set-cookie', cookie, { append: true })
        },
        count() {},
        async end() {
          const { headers: told } = await auth.api.signOut({ headers, returnHeaders: true })
          for (const cookie of told.getSetCookie()) c.header('set-cookie', cookie, { append: true })
        },
      }
    })
  },
}
