import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Answer, Ask } from './client.ts'
import type { Site } from './peer.ts'

/** A site on a port of this machine's own. */
export interface Served {
  readonly port: number
  /** Resolves when the whole answer is there. */
  readonly ask: Ask
  /** Resolves when the head is there. */
  readonly askHead: Ask
  close(): Promise<void>
}

export async function serve(site: Site): Promise<Served> {
  const server = (
    site.listener
      ? createServer(site.listener)
      : createAdaptorServer({ fetch: site.fetch as never })
  ) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  return {
    port,
    ask: (path, cookie) => asked(agent, port, path, cookie, true),
    askHead: (path, cookie) => asked(agent, port, path, cookie, false),
    async close() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await site.close?.()
    },
  }
}

function asked(
  agent: Agent,
  port: number,
  path: string,
  cookie: string | undefined,
  whole: boolean,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', ...(cookie && { cookie }) }
    const asking = request({ agent, host: '127.0.0.1', port, path, headers }, (response) => {
      const { statusCode: status = 0, headers } = response
      const answer = (text: string): Answer => ({
        status,
        text,
        cookies: headers['set-cookie'] ?? [],
      })
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject).on('end', () => resolve(answer(text)))
      if (!whole) resolve(answer(''))
    })
    asking.on('error', reject).end()
  })
}
