import { type DurableObjectStoreOptions, durableObjectStore } from '@sojourn/cloudflare'
import { createSessions } from '@sojourn/core'

export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

interface Env {
  readonly SESSIONS: DurableObjectStoreOptions['sessions']
  readonly SUBJECTS: DurableObjectStoreOptions['subjects']
}

export default {
  async fetch(request: Request, { SESSIONS: sessions, SUBJECTS: subjects }: Env) {
    const store = durableObjectStore({ sessions, subjects })
    const site = createSessions<{ visits: number }>({ store, secret: 'x'.repeat(32) })
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
