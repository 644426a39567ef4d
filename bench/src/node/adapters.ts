import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import type { Session } from '@sojourn/core'
import type { NodeSessions } from '@sojourn/node'
import { fastifySessions } from '@sojourn/node/fastify'
import { koaSessions } from '@sojourn/node/koa'
import express5, { type Express, type NextFunction } from 'express'
import fastify from 'fastify'
import Koa from 'koa'

const { default: express4 } = (await import('express-4' as string)) as { default: typeof express5 }

/** What a session of these applications keeps. */
export interface Data {
  count: number
}

/** What a request is answered with. */
export interface Answer {
  readonly type: string
  readonly body: string | Readable
}

/** An application that knows no framework. What it throws becomes a 500 with the error's code or message. */
export type Application = (
  request: IncomingMessage,
  open: () => Promise<Session<Data>>,
) => Promise<Answer>

/** An application behind a framework, with sessions: a listener for `createServer`. */
export type Adapter = (
  web: NodeSessions<Data>,
  application: Application,
) => Promise<RequestListener>

const textOf = (error: unknown): string =>
  String((error as { code?: string }).code ?? (error as Error).message)

const withExpress =
  (express: () => Express): Adapter =>
  async (web, application) => {
    const app = express()
    app.use(web.middleware)
    app.use((request, response, next) => {
      application(request, () => web.open(request))
        .then(({ type, body }) => {
          response.type(type)
          if (typeof body === 'string') response.send(body)
          else pipeline(body, response, () => {})
        })
        .catch(next)
    })
    app.use(web.errorMiddleware)
    app.use((error: unknown, _: IncomingMessage, response: ServerResponse, __: NextFunction) => {
      response.statusCode = 500
      response.end(textOf(error))
    })
    return app
  }

const withFastify: Adapter = async (web, application) => {
  const app = fastify()
  await app.register(fastifySessions(web))
  app.setErrorHandler((error, _, reply) => reply.code(500).send(textOf(error)))
  app.get('/*', async (request, reply) => {
    const { type, body } = await application(request.raw, () => web.open(request.raw))
    return reply.type(type).send(body)
  })
  await app.ready()
  return app.routing
}

const withKoa: Adapter = async (web, application) => {
  const app = new Koa()
  app.silent = true
  // A commit that fails is answered by Koa itself, and here with what it was.
  const { onerror } = app.context
  app.context.onerror = function tell(this: Koa.Context, error: Error): void {
    onerror.call(this, error && Object.assign(error, { expose: true, message: textOf(error) }))
  }
  app.use(async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      ctx.status = 500
      ctx.body = textOf(error)
    }
  })
  app.use(koaSessions(web))
  app.use(async (ctx) => {
    const { type, body } = await application(ctx.req, () => web.open(ctx.req))
    ctx.type = type
    ctx.body = body
  })
  return app.callback()
}

/** Every way in, by name. */
export const adapters: Readonly<Record<string, Adapter>> = {
  'node:http': async (web, application) =>
    web.handler(async (request: IncomingMessage, response: ServerResponse) => {
      const { type, body } = await application(request, () => web.open(request))
      response.setHeader('content-type', type)
      if (typeof body === 'string') response.end(body)
      else pipeline(body, response, () => {})
    }),
  'Express 4': withExpress(express4),
  'Express 5': withExpress(express5),
  'Fastify 5': withFastify,
  'Koa 3': withKoa,
}

/** For `onError`: what Express's error handler does here. */
export function answerError(error: unknown, _: unknown, response: { end(text: string): void }) {
  Object.assign(response, { statusCode: 500 })
  response.end(textOf(error))
}
