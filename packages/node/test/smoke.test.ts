import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { afterEach, describe, expect, it } from 'vitest'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown

const sessions = createSessions<{ visits: number }>({ store: memoryStore() })
const web = nodeSessions(sessions)

async function site(handle: Handle): Promise<string> {
  const server = createServer(web.handler(handle))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('node:http', () => {
  it('counts visits', async () => {
    const url = await site(async (request, response) => {
      const session = await web.open(request)
      session.update('visits', (n = 0) => n + 1)
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('visits: ')
      response.end(String(session.get('visits')), 'utf8')
    })
    const first = await fetch(url)
    expect(await first.text()).toBe('visits: 1')
    const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect(first.headers.get('cache-control')).toBe('no-store')
    const second = await fetch(url, { headers: { cookie } })
    expect(await second.text()).toBe('visits: 2')
    expect(second.headers.getSetCookie()).toEqual([])
    expect(second.headers.get('vary')).toBe('Cookie')
  })
})
