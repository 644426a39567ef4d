import { nodeSessions } from '@sojourn/node'
import { overSockets } from './over-sockets.ts'

await overSockets((sessions, { answer, failed }) => {
  const web = nodeSessions(sessions, {
    onError(error, request, response) {
      failed(request as never, error)
      response.statusCode = 500
      response.end()
    },
  })
  return web.handler(async (request, response) => {
    const { status, headers, body } = await answer(request, () => web.open(request))
    response.writeHead(status, headers).end(body)
  })
})
