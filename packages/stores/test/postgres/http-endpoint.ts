import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import pg from 'pg'

/** Answers the queries that Neon's function sends over HTTP, from a server at an address. */
export async function httpEndpoint(connectionString: string) {
  // Every value as the text that the server sends: the function reads it by the types that it is told.
  const types = { getTypeParser: () => (text: unknown) => text }
  const pool = new pg.Pool({ connectionString, max: 5, types } as pg.PoolConfig)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { query: text, params: values } = (await json(request)) as {
      query: string
      params: unknown[]
    }
    response.setHeader('content-type', 'application/json')
    try {
      const { command, rowCount, fields, rows } = await pool.query({
        text,
        values,
        rowMode: 'array',
      })
      response.end(JSON.stringify({ command, rowCount, fields, rows }))
    } catch (error) {
      response.statusCode = 400
      response.end(JSON.stringify({ ...(error as object), message: (error as Error).message }))
    }
  }

  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    async close() {
      server.close()
      server.closeAllConnections()
      await pool.end()
    },
  }
}
