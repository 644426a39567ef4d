import type { Sessions } from '@sojourn/core'
import { Hono } from 'hono'
import type { Env, SessionData } from '../env.ts'
import { accountPage } from '../pages/account.ts'
import { page } from '../pages/layout.ts'
import { nameOf } from '../users.ts'

/** Where people see their sessions, and end them. */
export function accountRoutes(sessions: Sessions<SessionData>): Hono<Env> {
  return new Hono<Env>()
    .get('/account', async (c) => {
      const session = await c.var.session()
      const { subject } = session
      if (subject === null) return c.redirect('/sign-in', 303)
      const content = accountPage({
        name: nameOf(subject),
        sessions: await sessions.list(subject),
        current: session.id,
        now: c.var.log.clock(),
      })
      return page(c, { title: 'Your account', content, session })
    })
    .post('/account/end', async (c) => {
      const { id } = await c.req.parseBody()
      const { subject } = await c.var.session()
      // The id comes from the visitor: with `subject` it ends a session of theirs, or none.
      if (subject !== null) await sessions.revoke(String(id), { subject })
      return c.redirect('/account', 303)
    })
    .post('/account/end-others', async (c) => {
      const { subject, id } = await c.var.session()
      if (subject !== null) await sessions.revokeAll(subject, { except: id })
      return c.redirect('/account', 303)
    })
}
