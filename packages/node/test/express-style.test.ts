import { IncomingMessage, ServerResponse } from 'node:http'
import type { WithSession } from '@sojourn/node'
import type { Request } from 'express'
import { describe, expect, it } from 'vitest'
import { ask, type Data, expresses, listen, site } from './kit.ts'

type ShopRequest = Request & WithSession<Data>

describe.each(expresses)('in $name, the middleware that decorates requests', ({ express }) => {
  it('gives them session(), which is the one that open gives, and is committed as ever', async () => {
    const made = site()
    const app = express().use(made.web.expressStyle)
    app.get('/', async (request, response) => {
      const { session } = request as ShopRequest
      ;(await session()).update('visits', (visits = 0) => visits + 1)
      response.json((await made.web.open(request)) === (await session()))
    })
    const { text, cookie } = await ask(await listen(app))
    expect(text).toBe('true')
    expect(await made.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it('asks the store for nothing where nobody calls it', async () => {
    const made = site()
    const app = express().use(made.web.expressStyle)
    app.get('/', (request, response) => void response.json(typeof (request as ShopRequest).session))
    expect((await ask(await listen(app))).text).toBe('"function"')
    expect(made.calls()).toEqual([])
  })

  it('gives each request its own, and may be mounted twice', async () => {
    const made = site()
    const seen = new Set<unknown>()
    const app = express().use(made.web.expressStyle).use(made.web.expressStyle)
    app.get('/', async (request, response) => {
      seen.add(await (request as ShopRequest).session())
      response.end()
    })
    const url = await listen(app)
    await Promise.all([ask(url), ask(url)])
    expect(seen.size).toBe(2)
  })

  it('passes the error on where another library has a session there', async () => {
    const app = express()
    app.use((request, _, next) => {
      Object.assign(request, { session: {} })
      next()
    })
    app.use(site().web.expressStyle)
    app.use((error: Error, _: unknown, response: ServerResponse, __: unknown) => {
      response.end(error.message)
    })
    expect((await ask(await listen(app))).text).toMatch(/^"session" is taken/)
  })
})

describe('the middleware that decorates requests', () => {
  it('tells next, and throws nothing, where another library has a session there', () => {
    const request = Object.assign(new IncomingMessage(null as never), { session: {} })
    const told: unknown[] = []
    const next = (error?: unknown): void => void told.push(error)
    site().web.expressStyle(request, new ServerResponse(request), next)
    expect(told).toEqual([expect.any(TypeError)])
  })
})

describe('the middleware that does not', () => {
  it('leaves requests without', () => {
    const request = new IncomingMessage(null as never)
    site().web.middleware(request, new ServerResponse(request), () => {})
    expect('session' in request).toBe(false)
  })
})
