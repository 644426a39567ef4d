import { Hono } from 'hono'
import type { Env } from '../env.ts'
import { howPage } from '../pages/how.ts'
import { page } from '../pages/layout.ts'
import { shopPage } from '../pages/shop.ts'

export const shopRoutes: Hono<Env> = new Hono<Env>()
  .get('/', async (c) => {
    const session = await c.var.session()
    return page(c, { title: 'Lamps', content: shopPage(session.get('cart')), session })
  })
  // The session is never asked for here, and so costs nothing.
  .get('/how', (c) => page(c, { title: 'How it works', content: howPage(), session: null }))
