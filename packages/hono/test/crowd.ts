import { browser } from '@sojourn/core/testing'
import { type SessionVariables, session } from '@sojourn/hono'
import { Hono } from 'hono'
import { expect } from 'vitest'
import { turns } from '../../core/test/turns.ts'
import { sessionCookies, site } from './site.ts'

export const users = Array.from({ length: 20 }, (_, n) => `user-${n}`)
export const pause = () => turns(Math.random() * 30)

/** Ten requests of each, in which they see nobody else’s session; their browsers. */
export async function crowd() {
  // A crowd that waits for one store is no failure of it.
  const made = site<{ owner: string; visits: number }>({ storeTimeout: 60 })
  made.slow(pause)
  const app = new Hono<{ Variables: SessionVariables<{ owner: string; visits: number }> }>()
  app.use(session(made.sessions))
  app.post('/sign-in/:user', async (c) => {
    const session = await c.var.session()
    await pause()
    session.signIn(c.req.param('user'), { method: 'test' })
    session.set('owner', c.req.param('user')).set('visits', 0)
    return c.text('ok')
  })
  app.get('/', async (c) => {
    await pause()
    const before = await c.var.session()
    const { subject, id } = before
    await pause()
    before.update('visits', (n = 0) => n + 1)
    await pause()
    const session = await c.var.session()
    return c.json({ subject, id, owner: session.get('owner'), still: session.subject })
  })
  app.get('/visits', async (c) => c.json((await c.var.session()).get('visits')))

  const jars = await Promise.all(
    users.map(async (user) => {
      const jar = browser((request) => app.fetch(request), made)
      await jar.post(`/sign-in/${user}`)
      return jar
    }),
  )
  const ids = new Map<string, string>()
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const user = users[n % users.length] ?? ''
      await pause()
      const response = (await jars[n % users.length]?.get('/')) as Response
      const { id, ...seen } = (await response.json()) as Record<string, string>
      expect(seen).toEqual({ subject: user, owner: user, still: user })
      expect(sessionCookies(response)).toEqual([])
      expect(ids.get(user) ?? id).toBe(id)
      ids.set(user, id ?? '')
    }),
  )
  return { ids, jars }
}
