import { env } from 'cloudflare:workers'
import { kvStore } from '@sojourn/cloudflare'
import { createSessions } from '@sojourn/core'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { privately, strictly } from './headers.ts'
import { notFoundPage } from './pages/layout.ts'
import { homePage, laterPage, piecePage } from './pages/pieces.ts'
import { settingsPage } from './pages/settings.ts'
import { pieceOf } from './pieces.ts'
import type { SessionData } from './session-data.ts'

const DAY = 24 * 60 * 60

const sessions = createSessions<SessionData>({
  store: kvStore({ namespace: env.SESSIONS_KV }),
  secret: env.SESSION_SECRET,
  persistent: { idleTimeout: 180 * DAY, absoluteTimeout: 365 * DAY },
  onEvent: ({ type, id }) => console.log(type, id),
})

const app = new Hono()
  .use(strictly)
  .use(csrf())
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .use(session(sessions))
  .use(privately)

app.get('/', async (c) => c.html(homePage(await c.var.session())))

app.get('/pieces/:id', async (c, next) => {
  const piece = pieceOf(c.req.param('id'))
  return piece ? c.html(piecePage(await c.var.session(), piece)) : next()
})

app.get('/later', async (c) => c.html(laterPage(await c.var.session())))

app.post('/later', async (c) => {
  const { save, remove } = await c.req.parseBody()
  const piece = pieceOf(String(save ?? remove))
  if (!piece) return c.notFound()
  const { id } = piece
  const session = await c.var.session()
  session.update('later', (later = []) => {
    const others = later.filter((one) => one !== id)
    const changed = save ? [...others, id] : others
    return changed.length > 0 ? changed : undefined
  })
  // Beyond the browser; for a visitor who has stored nothing it does nothing.
  session.remember()
  return c.redirect(save ? `/pieces/${id}` : '/later', 303)
})

app.get('/settings', async (c) => c.html(settingsPage(await c.var.session())))

app.post('/settings', async (c) => {
  const { theme, text } = await c.req.parseBody()
  const session = await c.var.session()
  if (theme === 'light' || theme === 'dark') session.set('theme', theme)
  else session.delete('theme')
  if (text === 'large') session.set('text', text)
  else session.delete('text')
  session.remember()
  return c.redirect('/settings', 303)
})

app.post('/forget', async (c) => {
  const session = await c.var.session()
  await session.revoke()
  return c.redirect('/settings', 303)
})

app.notFound(async (c) => c.html(notFoundPage(await c.var.session()), 404))

export default app
