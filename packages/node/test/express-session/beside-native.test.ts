import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import session from '@sojourn/node/express-session'
import express, { type Request } from 'express'
import { describe, expect, it } from 'vitest'
import { type Bag, secret, serve, visitor } from './kit.ts'

interface Data {
  n: number
  user: string
}

/** An application half of whose routes have moved to the native API. */
function shop(isFirst: boolean, rolling: boolean): Promise<string> {
  const store = memoryStore()
  const name = 'sid'
  const web = nodeSessions(createSessions<Data>({ store, secret, cookie: { name, secure: false } }))
  const standIn = session({
    secret,
    store,
    name,
    rolling,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 600_000 },
  })
  const bagOf = (request: Request): Bag => request.session as unknown as Bag
  const app = express()
    .use(isFirst ? [standIn, web.middleware] : [web.middleware, standIn])
    .get('/old', (request, response) => {
      const bag = bagOf(request)
      bag['n'] = Number(bag['n'] ?? 0) + 1
      response.send(`${bag['n']} ${bag.user ?? 'nobody'}`)
    })
    .get('/new', async (request, response) => {
      const session = await web.open(request)
      session.update('n', (n = 0) => n + 1)
      response.send(`${session.get('n')} ${session.subject ?? 'nobody'}`)
    })
    .get('/in', async (request, response) => {
      const session = await web.open(request)
      session.signIn('ada', { method: 'password' })
      session.set('user', 'ada')
      response.send('in')
    })
    .get('/out', async (request, response) => {
      const session = await web.open(request)
      await session.revoke()
      response.send('out')
    })
  return serve(app)
}

describe.each([
  { isFirst: true, rolling: false },
  { isFirst: true, rolling: true },
  { isFirst: false, rolling: false },
  { isFirst: false, rolling: true },
])('beside the native API, mounted before it $isFirst, rolling $rolling', (how) => {
  it('each sees what the other has changed, signed in, and ended', async () => {
    const ada = visitor(await shop(how.isFirst, how.rolling))
    const seen: string[] = []
    for (const path of ['/old', '/new', '/in', '/new', '/old', '/out', '/old', '/new']) {
      const { text, cookies } = await ada.get(path)
      seen.push(text)
      expect(cookies.length).toBeLessThan(2)
    }
    expect(seen).toEqual([
      '1 nobody',
      '2 nobody',
      'in',
      '3 ada',
      '4 ada',
      'out',
      '1 nobody',
      '2 nobody',
    ])
  })
})
