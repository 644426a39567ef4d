import Koa from 'koa'
import type { Act, Peer, Site, Visit } from '../peer.ts'
import { nothing } from './on-hono.ts'

export function onKoa(
  prepare: (app: Koa) => unknown,
  act: Act,
  visit: (ctx: Koa.Context) => Visit | Promise<Visit>,
): Site {
  const app = new Koa()
  app.silent = true
  prepare(app)
  app.use(async (ctx) => {
    ctx.type = 'text/plain'
    ctx.body = await act(ctx.path, () => visit(ctx))
  })
  return { listener: app.callback() }
}

export const bareKoa: Peer = {
  name: 'bare handler',
  server: 'Koa',
  keeps: false,
  stores: ['memory'],
  start: (_setting, act) =>
    onKoa(
      () => {},
      act,
      () => nothing,
    ),
}
