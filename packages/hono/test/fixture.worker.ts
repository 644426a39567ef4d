import { createSessions, memoryStore } from '@sojourn/core'
import { session } from '@sojourn/hono'
import { type ExecutionContext, Hono } from 'hono'

// All of it at global scope, where Workers forbid I/O, timers and randomness.
let ahead = 0
let deferred = 0
const clock = () => Date.now() + ahead
const sessions = createSessions<{ visits: number }>({ store: memoryStore({ clock }), clock })

const app = new Hono()
  .use(session(sessions))
  .get('/visits', async (c) => {
    const session = await c.var.session()
    return c.text(`${session.get('visits') ?? 0}`)
  })
  .post('/visits', async (c) => {
    const session = await c.var.session()
    session.update('visits', (n = 0) => n + 1)
    return c.text(`${session.get('visits')}`)
  })
  .get('/deferred', (c) => c.text(`${deferred}`))
  .post('/ten-minutes-later', (c) => {
    ahead += 600_000
    return c.text('ok')
  })

export default {
  fetch(request: Request, env: unknown, context: ExecutionContext): Response | Promise<Response> {
    const spied = new Proxy(context, {
      get(target, key) {
        if (key !== 'waitUntil') return Reflect.get(target, key)
        return (promise: Promise<unknown>) => {
          deferred++
          target.waitUntil(promise)
        }
      },
    })
    return app.fetch(request, env as object, spied)
  },
}
