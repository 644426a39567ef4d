import { Hono } from 'hono'
import { deviceOf } from '../device.ts'
import type { Env } from '../env.ts'
import { page } from '../pages/layout.ts'
import { signedOutPage, signInPage } from '../pages/sign-in.ts'
import { authenticate } from '../users.ts'

export const signInRoutes: Hono<Env> = new Hono<Env>()
  .get('/sign-in', async (c) => {
    const session = await c.var.session()
    if (session.subject !== null) return c.redirect('/account', 303)
    return page(c, { title: 'Sign in', content: signInPage(null), session })
  })
  .post('/sign-in', async (c) => {
    const { name, password, remember } = await c.req.parseBody()
    const user = await authenticate(String(name), String(password))
    const session = await c.var.session()
    if (!user) {
      const content = signInPage(String(name))
      return page(c, { title: 'Sign in', content, session, status: 401 })
    }
    session.signIn(user.id, { method: 'password', persistent: remember === 'yes' })
    session.set('device', deviceOf(c.req.header('user-agent')))
    return c.redirect('/account', 303)
  })
  .post('/sign-out', async (c) => {
    const session = await c.var.session()
    await session.revoke()
    return c.redirect('/signed-out', 303)
  })
  .get('/signed-out', async (c) => {
    const session = await c.var.session()
    return page(c, { title: 'Signed out', content: signedOutPage(), session })
  })
