import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { changeCart } from '../cart.ts'
import type { Env } from '../env.ts'
import { cartPage } from '../pages/cart.ts'
import { page } from '../pages/layout.ts'
import { productOf } from '../products.ts'

export const cartRoutes: Hono<Env> = new Hono<Env>()
  .get('/cart', async (c) => {
    const session = await c.var.session()
    const content = cartPage(session.get('cart'), session.subject !== null)
    return page(c, { title: 'Your cart', content, session })
  })
  .post('/cart', async (c) => {
    const { product: id, by, back } = await c.req.parseBody()
    const product = productOf(String(id))
    const change = Number(by)
    if (!product || !Number.isInteger(change)) throw new HTTPException(400)

    const session = await c.var.session()
    // A function of what is there, so that of two clicks at once both count.
    session.update('cart', (cart) => changeCart(cart, product.id, change))
    return c.redirect(back === 'shop' ? `/#${product.id}` : '/cart', 303)
  })
