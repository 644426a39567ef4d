// A server for bodies that do not fit in memory. It tells its port, and for every message how much memory it has used at most since the last.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { createSessions, memoryStore } from '@sojourn/core'
import { delayed } from '@sojourn/core/testing'
import { nodeSessions } from '@sojourn/node'

// The commit takes long enough for a body that nobody holds back to come in as a whole.
const store = delayed(memoryStore(), ({ verb }) => (verb === 'read' ? null : setTimeout(200)))
const web = nodeSessions(createSessions<{ visits: number }>({ store }))

function* bytes(size: number): Generator<Buffer> {
  const part = 65_536
  // Each is memory of its own, or it would not show that they are kept.
  for (let left = size; left > 0; left -= part) yield Buffer.alloc(Math.min(left, part), 'x')
}

const server = createServer(
  web.handler(async (request, response) => {
    const session = await web.open(request)
    session.update('visits', (visits = 0) => visits + 1)
    response.setHeader('x-visits', String(session.get('visits')))
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (pathname === '/echo') request.pipe(response)
    else await pipeline(Readable.from(bytes(Number(searchParams.get('size')))), response)
  }),
)

let most = 0
const watch = (): void => {
  most = Math.max(most, process.memoryUsage.rss())
}
setInterval(watch, 10).unref()
process.on('message', () => {
  watch()
  process.send?.({ most })
  most = 0
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
