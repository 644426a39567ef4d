import express, { type Express, type RequestHandler } from 'express'
import type { Act, Peer, Site, Visit } from '../peer.ts'
import { nothing } from './on-hono.ts'

/** Express with a middleware, where a request's session is reached as told. */
export function onExpress(
  middleware: readonly RequestHandler[],
  act: Act,
  visit: (request: never, response: never) => Visit | Promise<Visit>,
): Site {
  const app: Express = express()
  app.disable('x-powered-by').disable('etag')
  app.use(
    ...(middleware.length
      ? middleware
      : ([(_request, _response, next) => next()] satisfies RequestHandler[])),
  )
  app.use(async (request, response) => {
    const text = await act(request.path, () => visit(request as never, response as never))
    response.type('text/plain').send(text)
  })
  app.use(failed)
  return { listener: app }
}

const failed: import('express').ErrorRequestHandler = (_error, _request, response, _next) => {
  response.status(500).type('text/plain').send('failed')
}

export const bareExpress: Peer = {
  name: 'bare handler',
  server: 'Express',
  keeps: false,
  stores: ['memory'],
  start: (_setting, act) => onExpress([], act, () => nothing),
}
