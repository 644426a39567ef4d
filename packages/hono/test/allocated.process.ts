import { createSessions, memoryStore } from '@sojourn/core'
import { type SessionVariables, session } from '@sojourn/hono'
import { Hono } from 'hono'
import { measure } from '../../core/test/allocation.ts'

// What requests to an application of Hono take, printed as JSON: one that looks at its session, and one that does not.
interface Data {
  visits: number
}
const sessions = createSessions<Data>({
  store: memoryStore(),
  secret: 'a secret of the application, 32 bytes or more',
})
const app = new Hono<{ Variables: SessionVariables<Data> }>()
  .use(session(sessions))
  .get('/', (c) => c.text('body'))
  .get('/read', async (c) => c.text(String((await c.var.session()).get('visits'))))
  .get('/write', async (c) => {
    ;(await c.var.session()).update('visits', (visits = 0) => visits + 1)
    return c.text('body')
  })

const first = await app.request('/write')
const cookie = first.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
const ask = (path: string) => async () => (await app.request(path, { headers: { cookie } })).text()

process.stdout.write(
  JSON.stringify({
    untouched: await measure(ask('/')),
    read: await measure(ask('/read')),
    write: await measure(ask('/write')),
  }),
)
