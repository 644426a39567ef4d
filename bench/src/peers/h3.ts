import { H3, useSession } from 'h3'
import type { Peer, Visit } from '../peer.ts'

type Data = Record<string, string | number>

export const h3Session: Peer = {
  name: 'h3 useSession',
  server: 'h3',
  keeps: 'cookie',
  stores: ['memory'],
  start({ secrets }, act) {
    const app = new H3().all('/**', (event) =>
      act(event.url.pathname, async (): Promise<Visit> => {
        const session = await useSession<Data>(event, {
          password: secrets[0],
          cookie: { secure: false },
        })
        return {
          get: (key) => session.data[key],
          set: (key, value) => session.update({ [key]: value }),
          count: () => session.update(({ count = 0 }) => ({ count: Number(count) + 1 })),
          end: () => session.clear(),
        }
      }),
    )
    return { fetch: (request) => app.fetch(request) }
  },
}
