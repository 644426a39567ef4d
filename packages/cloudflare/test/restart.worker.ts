import { env } from 'cloudflare:workers'
import { durableObjectStore, kvStore } from '@sojourn/cloudflare'
import { createSessions } from '@sojourn/core'

export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

const stores = {
  objects: durableObjectStore({ sessions: env.SESSIONS, subjects: env.SUBJECTS }),
  kv: kvStore({ namespace: env.SESSIONS_KV }),
}
const sites = { objects: site('objects'), kv: site('kv') }

function site(name: keyof typeof stores) {
  return createSessions<Record<string, number>>({ store: stores[name], secret: 'x'.repeat(32) })
}

/** What a writer who has not heard of the end of a session would do to it. */
async function revive(name: keyof typeof stores, id: string): Promise<unknown[]> {
  const store = stores[name]
  const at = Date.now()
  const instants = { createdAt: at, startedAt: at, generatedAt: at, lastSeenAt: at }
  const facts = { format: 1, version: 2, generation: 0, graceUntil: null, persistent: false }
  const nobody = { subject: null, authentications: [], device: null, data: {} }
  const record = { id, ...facts, ...instants, ...nobody }
  const until = at + 60_000
  return [
    await store.update(record, until),
    await store.touch(id, at, until),
    // Of the objects, one that has ended keeps nothing to know it by.
    name === 'kv' && (await store.create(record, until)),
  ]
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const [, store, verb, name = '', value = ''] = pathname.split('/')
    const place = store === 'kv' ? 'kv' : 'objects'
    const { open, commit, list } = sites[place]
    if (verb === 'list') return Response.json((await list(name)).map(({ id }) => id).sort())
    if (verb === 'kept') return Response.json(await stores[place].read(name))
    if (verb === 'revive') return Response.json(await revive(place, name))

    const session = await open(request)
    if (verb === 'visit') session.update('visits', (n = 0) => n + 1)
    if (verb === 'note') session.set(name, Number(value))
    if (verb === 'sign-in') session.signIn(name, { method: 'password' })
    if (verb === 'revoke') await session.revoke()
    const response = await commit(session, new Response())
    return Response.json({ id: session.id, generation: session.generation }, response)
  },
}
