import cookieSession from 'cookie-session'
import type { Peer } from '../peer.ts'
import { onExpress } from './on-express.ts'

type Data = Record<string, string | number>

export const cookieSessionPeer: Peer = {
  name: 'cookie-session',
  server: 'Express',
  keeps: 'cookie',
  stores: ['memory'],
  start({ secrets }, act) {
    const middleware = cookieSession({ keys: [...secrets], maxAge: 3_600_000 })
    return onExpress([middleware], act, (request: { session: Data | null }) => ({
      get: (key) => request.session?.[key],
      set: (key, value) => void Object.assign(request.session ?? {}, { [key]: value }),
      count: () =>
        Object.assign(request.session ?? {}, {
          count: Number(request.session?.['count'] ?? 0) + 1,
        }),
      end() {
        request.session = null
      },
    }))
  },
}
