import { env } from 'cloudflare:workers'
import { durableObjectStore } from '@sojourn/cloudflare'
import { createSessions } from '@sojourn/core'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { deviceOf } from './device.ts'
import { privately, strictly } from './headers.ts'
import { accountPage } from './pages/account.ts'
import { homePage } from './pages/home.ts'
import { notFoundPage } from './pages/layout.ts'
import { signedOutPage, signInPage } from './pages/sign-in.ts'
import type { SessionData } from './session-data.ts'
import { trainOf } from './trains.ts'
import { authenticate } from './users.ts'

// The classes that wrangler.jsonc binds.
export { SessionObject, SubjectObject } from '@sojourn/cloudflare'

const sessions = createSessions<SessionData>({
  store: durableObjectStore({ sessions: env.SESSIONS, subjects: env.SUBJECTS }),
  secret: env.SESSION_SECRET,
  onEvent: ({ type, id, subject }) => console.log(type, id, subject),
})

const app = new Hono()
  .use(strictly)
  .use(csrf())
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .use(session(sessions))
  .use(privately)

app.get('/', async (c) => c.html(homePage(await c.var.session())))

app.post('/berth', async (c) => {
  const { train } = await c.req.parseBody()
  const session = await c.var.session()
  const chosen = trainOf(String(train))
  if (chosen) session.set('train', chosen.id)
  else session.delete('train')
  return c.redirect('/', 303)
})

app.get('/sign-in', async (c) => {
  const session = await c.var.session()
  if (session.subject !== null) return c.redirect('/account', 303)
  return c.html(signInPage(session, null))
})

app.post('/sign-in', async (c) => {
  const { name, password, remember } = await c.req.parseBody()
  const user = await authenticate(String(name), String(password))
  const session = await c.var.session()
  if (!user) return c.html(signInPage(session, String(name)), 401)
  // A new token, the old one dead in the same write; the berth stays.
  session.signIn(user.id, { method: 'password', persistent: remember === 'yes' })
  session.set('device', deviceOf(c.req.header('user-agent')))
  return c.redirect('/account', 303)
})

app.post('/sign-out', async (c) => {
  const session = await c.var.session()
  await session.revoke()
  return c.redirect('/signed-out', 303)
})

app.get('/signed-out', async (c) => c.html(signedOutPage(await c.var.session())))

app.get('/account', async (c) => {
  const session = await c.var.session()
  const { subject } = session
  if (subject === null) return c.redirect('/sign-in', 303)
  return c.html(accountPage(session, subject, await sessions.list(subject)))
})

app.post('/account/end', async (c) => {
  const { id } = await c.req.parseBody()
  const { subject } = await c.var.session()
  // The id comes from the visitor: with `subject` it ends a session of theirs, or none.
  if (subject !== null) await sessions.revoke(String(id), { subject })
  return c.redirect('/account', 303)
})

app.post('/account/end-others', async (c) => {
  const { subject, id } = await c.var.session()
  if (subject !== null) await sessions.revokeAll(subject, { except: id })
  return c.redirect('/account', 303)
})

app.notFound(async (c) => c.html(notFoundPage(await c.var.session()), 404))

export default app
