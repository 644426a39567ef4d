import secureSession from '@fastify/secure-session'
import type { Peer } from '../peer.ts'
import { onFastify } from './on-fastify.ts'

export const fastifySecureSession: Peer = {
  name: '@fastify/secure-session',
  server: 'Fastify',
  keeps: 'cookie',
  stores: ['memory'],
  start: ({ secrets }, act) =>
    onFastify(
      (app) =>
        Promise.resolve(
          app.register(secureSession, {
            key: secrets.map((secret) => Buffer.from(secret).subarray(0, 32)),
            cookie: { path: '/' },
          }),
        ),
      act,
      ({ session }) => ({
        get: (key) => session.get(key as never),
        set: (key, value) => session.set(key as never, value as never),
        count: () =>
          session.set('count' as never, (Number(session.get('count' as never) ?? 0) + 1) as never),
        end: () => session.delete(),
        renew: () => session.regenerate(),
      }),
    ),
}
