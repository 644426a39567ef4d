import type { Site } from './sojourn-site.ts'

/** Where a site that writes with every request keeps its sessions. */
export interface PlainStore {
  read(id: string): Promise<string | null>
  write(id: string, text: string, seconds: number): Promise<void>
  remove(id: string): Promise<void>
}

interface PlainSession {
  basket?: string[]
  subject?: string
  remember?: boolean
  seenAt?: number
}

const IDLE = 30 * 60
const REMEMBERED = 14 * 86_400

/**
 * The same shop as it is often written: the cookie is an id and nothing else, every visitor without a session is given one, and every
 * request reads its session and writes it back, so that it lives on. It keeps no index, so its list shows one session.
 */
export function writePerRequest(store: PlainStore, clock: () => number): Site {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    const presented = /(?:^|; )id=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1]
    const found = presented === undefined ? null : await store.read(presented)
    const session: PlainSession = found === null ? {} : JSON.parse(found)
    let id = found === null ? undefined : presented

    if (pathname === '/basket') session.basket = [...(session.basket ?? []), 'lantern']
    if (pathname === '/sign-in') {
      session.subject = searchParams.get('subject') ?? ''
      session.remember = searchParams.has('remember')
      if (id) await store.remove(id)
      id = undefined
    }
    if (pathname === '/sign-out') {
      if (id) await store.remove(id)
      return new Response('', { headers: { 'set-cookie': 'id=; Path=/; Max-Age=0' } })
    }

    id ??= crypto.randomUUID().replaceAll('-', '')
    const life = session.remember ? REMEMBERED : IDLE
    await store.write(id, JSON.stringify({ ...session, seenAt: clock() }), life)
    const age = session.remember ? `; Max-Age=${life}` : ''
    return new Response(session.subject ?? '', {
      headers: { 'set-cookie': `id=${id}; Path=/; HttpOnly; Secure; SameSite=Lax${age}` },
    })
  }
}
