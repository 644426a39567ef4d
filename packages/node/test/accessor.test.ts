import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WithSession } from '@sojourn/node'
import express, { type Request } from 'express'
import { describe, expect, it } from 'vitest'
import { ask, type Data, listen, site } from './kit.ts'

describe('the option `accessor`', () => {
  it('gives each request of Express a `session()`', async () => {
    const { web } = site({ accessor: 'session' })
    const app = express().use(web.middleware)
    app.get('/', async (request, response) => {
      const session = await (request as Request & WithSession<Data>).session()
      expect(session).toBe(await web.open(request))
      session.update('visits', (visits = 0) => visits + 1)
      response.send(String(session.get('visits')))
    })
    const url = await listen(app)
    const { cookie, text } = await ask(url)
    expect(text).toBe('1')
    expect((await ask(url, { headers: { cookie } })).text).toBe('2')
  })

  it('gives it the name that it is told, in `handler` as well', async () => {
    const { web } = site({ accessor: 'visit' })
    const url = await listen(
      web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const { visit } = request as IncomingMessage & WithSession<Data, 'visit'>
        response.end(String((await visit()).get('visits')))
      }),
    )
    expect((await ask(url)).text).toBe('undefined')
  })
})
