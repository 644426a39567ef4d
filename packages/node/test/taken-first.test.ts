import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ask, expresses, listen, site } from './kit.ts'

describe('a handler that takes hold of a method of the response before it opens the session', () => {
  it.each([
    ['end', (response: ServerResponse) => response.end],
    ['write', (response: ServerResponse) => response.write],
    ['writeHead', (response: ServerResponse) => response.writeHead],
  ] as const)('still waits for the commit: %s', async (name, take) => {
    const of = site()
    const url = await listen(
      of.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        const taken = take(response) as (this: ServerResponse, ...args: unknown[]) => unknown
        const session = await of.web.open(request)
        session.set('visits', 1)
        taken.call(response, name === 'writeHead' ? 200 : 'body')
        if (name !== 'end') response.end()
      }),
    )
    const { status, text, cookie } = await ask(url)
    expect([status, text]).toEqual([200, name === 'writeHead' ? '' : 'body'])
    expect(await of.dataOf(cookie)).toEqual({ visits: 1 })
  })

  it.each(expresses)('as in `response.end(await …)`, in $name too', async ({ express }) => {
    const { web } = site()
    const app = express().use(web.middleware)
    app.get('/', async (request, response) => {
      response.end(String((await web.open(request)).get('visits')))
    })
    expect((await ask(await listen(app))).text).toBe('undefined')
  })
})
