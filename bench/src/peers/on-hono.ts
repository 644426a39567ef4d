import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Act, Peer, Site, Visit } from '../peer.ts'

/** Hono with a middleware, where a request's session is reached as told. */
export function onHono(
  middleware: readonly MiddlewareHandler[],
  act: Act,
  visit: (c: Context) => Visit | Promise<Visit>,
): Site {
  const app = new Hono()
  for (const one of middleware) app.use(one)
  app.all('*', async (c) => c.text(await act(c.req.path, () => visit(c))))
  app.onError((_error, c) => c.text('failed', 500))
  return { fetch: (request, ...rest: object[]) => app.fetch(request, ...rest) }
}

export const bareHono: Peer = {
  name: 'bare handler',
  server: 'Hono',
  keeps: false,
  stores: ['memory'],
  start: (_setting, act) => onHono([], act, () => nothing),
}

/** What the bare handlers have for a session. */
export const nothing: Visit = { get: () => 'ada', set() {}, count() {}, end() {} }
