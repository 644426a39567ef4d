import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { createRequire } from 'node:module'
import type { NodeRequest, NodeResponse } from '@sojourn/node'
import { fastifySessions } from '@sojourn/node/fastify'
import { koaSessions } from '@sojourn/node/koa'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { type Page, pageFor, type Site } from './site.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void
type Start = (site: Site) => Server | Promise<Server>

function send(response: NodeResponse, { status = 200, headers = {}, text }: Page): void {
  const target = response as ServerResponse
  target.writeHead(status, { 'content-type': 'text/plain', ...headers })
  target.end(text)
}

const handled = (site: Site) =>
  site.web.handler<NodeRequest, NodeResponse>(async (request, response) => {
    send(response, await pageFor(site, request.url ?? '', () => site.web.open(request)))
  })

/** Nobody waits for the commit but the one who asks for it. */
const byHand = (site: Site): Listener => {
  const { web } = site
  return async (request, response) => {
    try {
      const page = await pageFor(site, request.url ?? '', () => web.open(request))
      await web.commit(request, response)
      send(response, page)
    } catch {
      await web.discard(request)
      await web.commit(request, response).catch(() => {})
      send(response, { status: 500, text: 'failed' })
    }
  }
}

const onExpress = (create: typeof express): Start => {
  return (site) => {
    const { web } = site
    const app = create()
    app.use(web.middleware)
    app.use((request, response, next) => {
      pageFor(site, request.path, () => web.open(request)).then(
        ({ status = 200, headers = {}, text }) =>
          response.status(status).set(headers).type('text/plain').send(text),
        next,
      )
    })
    app.use(web.errorMiddleware)
    const failed: express.ErrorRequestHandler = (_error, _request, response, _next) => {
      response.status(500).send('failed')
    }
    app.use(failed)
    return createServer(app)
  }
}

const express4 = createRequire(import.meta.url)('express-4') as typeof express

/** Everything that the sessions are served by. */
export const servers: Readonly<Record<string, Start>> = {
  'node:http': (site) => createServer(handled(site)),
  'node:http2': (site) => createHttp2Server(handled(site)) as unknown as Server,
  'open and commit': (site) => createServer(byHand(site)),
  'Express 4': onExpress(express4),
  'Express 5': onExpress(express),
  async 'Fastify 5'(site) {
    const app = fastify()
    await app.register(fastifySessions(site.web))
    app.get('/*', async (request, reply) => {
      const page = await pageFor(site, request.url, () => site.web.open(request.raw))
      const { status = 200, headers = {}, text } = page
      return reply.code(status).headers(headers).type('text/plain').send(text)
    })
    app.setErrorHandler((_error, _request, reply) => reply.code(500).send('failed'))
    await app.ready()
    return app.server
  },
  'Koa 3'(site) {
    const app = new Koa()
    app.silent = true
    app.use(koaSessions(site.web))
    app.use(async (ctx) => {
      const page = await pageFor(site, ctx.path, () => site.web.open(ctx.req))
      const { status = 200, headers = {}, text } = page
      ctx.status = status
      ctx.set({ ...headers, 'content-type': 'text/plain' })
      ctx.body = text
    })
    return createServer(app.callback())
  },
}
