import { nodeSessions } from '@sojourn/node'
import express, { type ErrorRequestHandler } from 'express'
import { overSockets } from './over-sockets.ts'

await overSockets((sessions, { answer, failed }) => {
  const web = nodeSessions(sessions)
  const sorry: ErrorRequestHandler = (error, request, response, _next) => {
    failed(request, error)
    response.sendStatus(500)
  }
  return express()
    .disable('x-powered-by')
    .disable('etag')
    .use(web.middleware)
    .use(async (request, response) => {
      const { status, headers, body } = await answer(request, () => web.open(request))
      response.status(status).set(headers).send(body)
    })
    .use(web.errorMiddleware, sorry)
})
