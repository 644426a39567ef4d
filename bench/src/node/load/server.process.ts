// One adapter's server. Tells its port; then, for each message, how it is when every client has gone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSessions } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { adapters, answerError, type Data } from '../adapters.ts'
import { application, badStore, streams, withFaults } from './application.ts'

/** How a server is. */
export interface Health {
  /** Bytes, after garbage collection. */
  readonly heap: number
  /** Connections that are still open. */
  readonly connections: number
  /** Streams of events that are still open. */
  readonly streams: number
  /** What no server may do: unhandled rejections and the like. */
  readonly problems: readonly string[]
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const problems: string[] = []
const complain =
  (kind: string) =>
  (error: unknown): void => {
    // One that comes with each request would fill the memory.
    if (problems.length < 10) problems.push(`${kind}: ${(error as Error)?.stack ?? error}`)
  }
process.on('unhandledRejection', complain('unhandledRejection'))
process.on('uncaughtException', complain('uncaughtException'))
process.on('warning', complain('warning'))

const sessions = createSessions<Data>({
  store: badStore(),
  secret: 'x'.repeat(32),
  storeTimeout: 1,
})
// No session event and no commit that fails is a surprise here, so nothing is to be written about them.
const web = nodeSessions(sessions, { onEvent: () => {}, onError: answerError })
const listener = await adapters[process.argv[2] ?? '']?.(web, application)
if (!listener) throw new Error(`There is no adapter ${process.argv[2]}`)
const server = createServer(withFaults(listener))

async function health(): Promise<Health> {
  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
  // What a client that left had begun may still be under way, for as long as a store call takes.
  const deadline = Date.now() + 5000
  while (Date.now() < deadline && ((await connections()) || streams)) await setTimeout(50)
  await setTimeout(1200)
  // Some of what is left takes more than one collection, and time.
  let heap = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 10; turn++) {
    gc()
    await setTimeout(100)
    heap = Math.min(heap, process.memoryUsage().heapUsed)
  }
  return { heap, connections: await connections(), streams, problems }
}

process.on('message', async () => process.send?.(await health()))
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
