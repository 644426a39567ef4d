import { env } from 'cloudflare:workers'
import { durableObjectStore } from '@sojourn/cloudflare'
import { createSessions, type SessionError } from '@sojourn/core'

export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

// `?sessions=SUBJECTS` gives that option the binding of that name.
export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const store = durableObjectStore({
      sessions:
        searchParams.get('sessions') === 'SUBJECTS' ? (env.SUBJECTS as never) : env.SESSIONS,
      subjects:
        searchParams.get('subjects') === 'SESSIONS' ? (env.SESSIONS as never) : env.SUBJECTS,
    })
    const sessions = createSessions({ store, secret: 'x'.repeat(32) })
    try {
      const session = await sessions.open(request)
      session.signIn('ada', { method: 'password' })
      return await sessions.commit(session, new Response('signed in'))
    } catch (error) {
      const { name, code, cause } = error as SessionError
      return Response.json({ name, code, cause: String(cause) }, { status: 500 })
    }
  },
}
