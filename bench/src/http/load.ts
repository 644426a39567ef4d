import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import autocannon from 'autocannon'
import type { Ask } from '../client.ts'

/** A server in a process of its own. */
export interface Server {
  readonly ask: Ask
  /** Requests a second, and what each cost. */
  load(path: string, cookies: readonly string[], seconds: number): Promise<Load>
  end(): Promise<void>
}

export interface Load {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** µs of the server's processor for a request, all threads. */
  readonly cpu: number
  readonly requests: number
}

const CONNECTIONS = 64

/** @param args what `server.process.ts` is told */
export async function startServer(args: readonly string[]): Promise<Server> {
  const child = fork(new URL('server.process.ts', import.meta.url), args, { silent: true })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const ask = askAt(port)
  return {
    ask,
    load: (path, cookies, seconds) =>
      load(port, path, cookies, seconds, async () => {
        const { user, system } = await usage(child)
        return user + system
      }),
    async end() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** Asks whoever listens at a port, once. */
export function askAt(port: number): Ask {
  return (path, cookie) =>
    new Promise((resolve, reject) => {
      const headers = { host: 'localhost', ...(cookie && { cookie }) }
      const asking = request({ host: '127.0.0.1', port, path, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          resolve({ status, text, cookies: headers['set-cookie'] ?? [] })
        })
      })
      asking.on('error', reject).end()
    })
}

/** As many requests as 64 connections bring about, each with a cookie of its own. */
export async function load(
  port: number,
  path: string,
  cookies: readonly string[],
  seconds: number,
  microseconds: () => Promise<number>,
): Promise<Load> {
  const begun = await microseconds()
  let next = 0
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    connections: CONNECTIONS,
    duration: seconds,
    setupClient(client) {
      const cookie = cookies[next++ % cookies.length]
      client.setHeaders({ host: 'localhost', ...(cookie && { cookie }) })
    },
  })
  const cpu = (await microseconds()) - begun
  const { requests, latency, duration, non2xx, errors } = result
  if (non2xx || errors) throw new Error(`${non2xx} answers were not 2xx, ${errors} requests failed`)
  return {
    requests: requests.total,
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    cpu: cpu / requests.total,
  }
}

async function usage(child: ChildProcess): Promise<NodeJS.CpuUsage> {
  child.send('usage')
  const [used] = (await once(child, 'message')) as [NodeJS.CpuUsage]
  return used
}
