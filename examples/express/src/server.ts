import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import session from '@sojourn/node/express-session' // was: from 'express-session'
import type { RequestHandler } from 'express'
import { createNotebook } from './app.ts'

const { PORT, SESSION_SECRET = randomBytes(32).toString('hex') } = process.env

const app = createNotebook(
  session({
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 30 * 60_000, sameSite: 'lax' },
  }) as RequestHandler,
)

const server = app.listen(Number(PORT ?? 3000), 'localhost', () => {
  const { port } = server.address() as AddressInfo
  console.log(`The notebook is open: http://localhost:${port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close())
