import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSessions, memoryStore } from '@sojourn/core'
import { type NodeEvent, nodeSessions } from '@sojourn/node'
import express from 'express'
import { describe, expect, it, vi } from 'vitest'
import { ask, listen, site, visited } from './kit.ts'

const refused = { type: 'cookie-refused', reason: 'insecure', cookie: '__Host-id' }

/** What is told when a visitor's first cookie goes out. */
async function told(
  headers: Record<string, string>,
  options: Parameters<typeof site>[0] = {},
): Promise<unknown[]> {
  const made = site(options)
  const url = await listen(visited(made, (response) => response.end()))
  const answer = await ask(url, { headers })
  // Told or not, it is never dropped.
  expect(answer.cookie).toMatch(/^__Host-id=./)
  return made.events
}

describe('a Secure cookie', () => {
  it('over plain HTTP is told as refused, and goes out all the same', async () => {
    expect(await told({ host: 'shop.example' })).toEqual([refused])
    expect(await told({ host: 'localhost.example' })).toEqual([refused])
    expect(await told({ host: '10.0.0.1:3000' })).toEqual([refused])
  })

  it.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST',
    'app.localhost:80',
    '127.0.0.1:3000',
    '127.1.2.3',
    '[::1]:3000',
  ])('on the browser’s own machine is not: %s', async (host) => {
    expect(await told({ host })).toEqual([])
  })

  it('behind a proxy that speaks HTTPS is not, where that proxy is trusted', async () => {
    const headers = {
      host: 'shop.example',
      'x-forwarded-for': '9.9.9.9',
      'x-forwarded-proto': 'https',
    }
    expect(await told(headers)).toEqual([refused])
    expect(await told(headers, { trustProxy: 1 })).toEqual([])
    expect(await told(headers, { trustProxy: ['127.0.0.1'] })).toEqual([])
    expect(await told(headers, { trustProxy: ['10.0.0.1'] })).toEqual([refused])
    expect(await told({ ...headers, 'x-forwarded-proto': 'http' }, { trustProxy: 1 })).toEqual([
      refused,
    ])
  })

  it.each([false, 1])('on Express is where its own "trust proxy" is %s', async (trust) => {
    const { web, events } = site()
    const app = express().set('trust proxy', trust).use(web.middleware)
    app.get('/', async (request, response) => {
      const session = await web.open(request)
      session.set('visits', 1)
      response.send('set')
    })
    const headers = { host: 'shop.example', 'x-forwarded-proto': 'https' }
    expect((await ask(await listen(app), { headers })).cookie).toMatch(/^__Host-id=./)
    expect(events).toEqual(trust ? [] : [refused])
  })

  it('is told when it is handed out, not when a request merely comes with it', async () => {
    const made = site()
    const url = await listen(visited(made, (response) => response.end()))
    const { cookie } = await ask(url, { headers: { host: 'shop.example' } })
    made.events.splice(0)
    await ask(url, { headers: { host: 'shop.example', cookie } })
    expect(made.events).toEqual([])
  })

  it('of somebody else’s is none of ours', async () => {
    const made = site()
    const url = await listen(
      made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
        await made.web.open(request)
        response.setHeader('set-cookie', 'theirs=1; Secure').end()
      }),
    )
    await ask(url, { headers: { host: 'shop.example' } })
    expect(made.events).toEqual([])
  })

  it('is told by a commit by hand as well', async () => {
    const made = site()
    const url = await listen(async (request, response) => {
      ;(await made.web.open(request)).set('visits', 1)
      await made.web.commit(request, response)
      response.end()
    })
    await ask(url, { headers: { host: 'shop.example' } })
    expect(made.events).toEqual([refused])
  })
})

it('a cookie that is not Secure is not told', async () => {
  const events: NodeEvent[] = []
  const cookie = { name: 'id', secure: false }
  const secret = 'a secret of the application, 32 bytes or more'
  const sessions = createSessions<{ visits: number }>({ store: memoryStore(), secret, cookie })
  const web = nodeSessions(sessions, { onEvent: (event) => void events.push(event) })
  const url = await listen(
    web.handler(async (request: IncomingMessage, response: ServerResponse) => {
      ;(await web.open(request)).set('visits', 1)
      response.end()
    }),
  )
  const { headers } = await ask(url, { headers: { host: 'shop.example' } })
  expect(headers['set-cookie']).toEqual([expect.stringMatching(/^id=/)])
  expect(events).toEqual([])
})

it('what onEvent throws harms nobody', async () => {
  const onEvent = vi.fn(() => {
    throw new Error('on purpose')
  })
  const made = site({ onEvent })
  const url = await listen(visited(made, (response) => response.end('body')))
  expect((await ask(url, { headers: { host: 'shop.example' } })).text).toBe('body')
  expect(onEvent).toHaveBeenCalledOnce()
})

it('without onEvent the process warns, once for each type', async () => {
  const { web } = site()
  const made = { ...site(), web: nodeSessions(web.sessions) }
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  const url = await listen(
    visited(made, (response, { url }) => {
      response.end('body')
      if (url === '/throws') throw new Error('on purpose')
    }),
  )
  for (const path of ['', '', 'throws', 'throws']) {
    await ask(new URL(path, url), { headers: { host: 'shop.example' } })
  }
  if (warnings.length < 2) await once(process, 'warning')
  process.off('warning', note)
  expect(warnings).toMatchObject([
    { name: 'SessionWarning', code: 'SOJOURN', message: expect.stringContaining('plain HTTP') },
    { name: 'SessionWarning', code: 'SOJOURN', message: expect.stringContaining('on purpose') },
  ])
})
