import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { describe, expectTypeOf, it } from 'vitest'

const { handler } = nodeSessions(createSessions({ store: memoryStore() }))

describe('a handler', () => {
  it('that names no types writes to a response of node:http', () => {
    createServer(
      handler((request, response) => {
        expectTypeOf(request).toEqualTypeOf<IncomingMessage>()
        expectTypeOf(response).toEqualTypeOf<ServerResponse>()
        response.write('one')
      }),
    )
  })

  it('that names those of node:http2 is a listener for that alone', () => {
    const listener = handler((_: Http2ServerRequest, response: Http2ServerResponse) => {
      response.write('one')
    })
    createHttp2Server(listener)
    // @ts-expect-error: it would get what it does not know
    createServer(listener)
  })
})
