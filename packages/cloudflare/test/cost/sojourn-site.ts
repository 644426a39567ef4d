import type { AnyStore } from '@sojourn/core'
import { createSessions } from '@sojourn/core'

/** A site as a browser meets it. */
export type Site = (request: Request) => Promise<Response>

/** A shop on this library's sessions. Every request opens its session, those of bots too: none is spared by not asking. */
export function sojournSite(store: AnyStore, clock: () => number): Site {
  const secret = 'a secret of the scripted hour, of 32 bytes or more'
  const sessions = createSessions<{ basket: string[] }>({ store, secret, clock })
  return sessions.wrap(async (request, open) => {
    const { pathname, searchParams } = new URL(request.url)
    const session = await open()
    if (pathname === '/basket') session.update('basket', (things = []) => [...things, 'lantern'])
    if (pathname === '/sign-in') {
      const subject = searchParams.get('subject') ?? ''
      session.signIn(subject, { method: 'password', persistent: searchParams.has('remember') })
    }
    if (pathname === '/list') await sessions.list(session.subject ?? '')
    if (pathname === '/sign-out') await session.revoke()
    return new Response(session.subject)
  })
}
