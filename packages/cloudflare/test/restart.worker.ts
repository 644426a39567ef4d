import { env } from 'cloudflare:workers'
import { durableObjectStore } from '@sojourn/cloudflare'
import { createSessions } from '@sojourn/core'

export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

// All of it at global scope, where Workers forbid I/O, timers and randomness.
const store = durableObjectStore({ sessions: env.SESSIONS, subjects: env.SUBJECTS })
const site = createSessions<{ visits: number }>({ store, secret: 'x'.repeat(32) })

export default {
  async fetch(request: Request): Promise<Response> {
    const [, verb, subject = ''] = new URL(request.url).pathname.split('/')
    if (verb === 'list') return Response.json((await site.list(subject)).map(({ id }) => id).sort())
    const session = await site.open(request)
    if (verb === 'sign-in') session.signIn(subject, { method: 'password' })
    if (verb === 'visit') session.update('visits', (n = 0) => n + 1)
    if (verb === 'revoke') await session.revoke()
    const answer = { visits: session.get('visits') ?? 0, subject: session.subject }
    const response = await site.commit(session, new Response())
    return Response.json({ ...answer, id: session.id }, response)
  },
}
