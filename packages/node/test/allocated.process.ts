import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { measure } from '../../core/test/allocation.ts'

// What is left of requests over one connection to a server of Node's, its client's part included, printed as JSON.
const sessions = createSessions<{ visits: number }>({
  store: memoryStore(),
  secret: 'a secret of the application, 32 bytes or more',
})
const web = nodeSessions(sessions)
const server = createServer(
  web.handler(async (request, response) => {
    if (request.url === '/') return response.end('body')
    const session = await web.open(request)
    if (request.url === '/write') session.update('visits', (visits = 0) => visits + 1)
    return response.end(String(session.get('visits')))
  }),
).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function ask(path: string, cookie = ''): Promise<IncomingMessage> {
  const asking = request({ agent, host: '127.0.0.1', port, path, headers: { cookie } }).end()
  const [response] = await once(asking, 'response')
  await once(response.resume(), 'end')
  return response
}

const { headers } = await ask('/write')
const cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? ''
process.stdout.write(
  JSON.stringify({
    untouched: await measure(() => ask('/', cookie)),
    read: await measure(() => ask('/read', cookie)),
    write: await measure(() => ask('/write', cookie)),
  }),
)
server.closeAllConnections()
server.close()
agent.destroy()
