import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { redisStore } from '@sojourn/stores/redis'
import { RedisStore } from 'connect-redis'
import express5 from 'express'
import expressSession, { MemoryStore } from 'express-session'
import type { createClient } from 'redis'

const { default: express4 } = (await import('express-4' as string)) as { default: typeof express5 }

export const FRAMEWORKS = ['node:http', 'Express 4', 'Express 5'] as const
export const LIBRARIES = ['bare', 'Sojourn', 'express-session'] as const
export const STORES = ['memory', 'Redis'] as const
export const CASES = ['untouched', 'read', 'write'] as const

export type Framework = (typeof FRAMEWORKS)[number]
export type Library = (typeof LIBRARIES)[number]
export type Store = (typeof STORES)[number]

const SECRET = 'a secret of at least 32 characters'

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void
/** What is answered; a promise where a library needs one. */
type Handle = (request: IncomingMessage) => string | Promise<string>

/** A library's part: what stands before the handlers, and how they get at the count. */
interface Sessions {
  readonly middleware?: Middleware
  /** For `node:http`, where a library has one of its own. */
  readonly wrap?: (
    handle: (request: IncomingMessage, response: ServerResponse) => unknown,
  ) => RequestListener
  readonly read: Handle
  readonly write: Handle
}

type Client = ReturnType<typeof createClient>

function sojourn(client: Client | null): Sessions {
  const store = client ? redisStore({ client }) : memoryStore()
  const sessions = createSessions<{ count: number }>({ store, secret: SECRET })
  const web = nodeSessions(sessions)
  return {
    middleware: web.middleware,
    wrap: (handle) => web.handler(handle),
    read: async (request) => `count ${(await web.open(request)).get('count')}`,
    async write(request) {
      const session = await web.open(request)
      session.update('count', (count = 0) => count + 1)
      return `count ${session.get('count')}`
    },
  }
}

function original(client: Client | null): Sessions {
  const store = client ? new RedisStore({ client }) : new MemoryStore()
  const middleware = expressSession({
    store,
    secret: SECRET,
    resave: false,
    saveUninitialized: false,
  }) as unknown as Middleware
  const sessionOf = (request: IncomingMessage): { count?: number } =>
    (request as unknown as { session: { count?: number } }).session
  return {
    middleware,
    read: (request) => `count ${sessionOf(request).count}`,
    write(request) {
      const session = sessionOf(request)
      session.count = (session.count ?? 0) + 1
      return `count ${session.count}`
    },
  }
}

const nothing: Sessions = { read: () => 'count 1', write: () => 'count 1' }

/** A framework's listener with `/untouched`, `/read` and `/write`. */
export function listenerOf(
  framework: Framework,
  library: Library,
  client: Client | null,
): RequestListener {
  const sessions =
    library === 'bare' ? nothing : library === 'Sojourn' ? sojourn(client) : original(client)
  return framework === 'node:http'
    ? plain(sessions)
    : withExpress(framework === 'Express 4' ? express4 : express5, sessions)
}

function plain({ middleware, wrap, read, write }: Sessions): RequestListener {
  const handles: Readonly<Record<string, Handle>> = {
    '/untouched': () => 'untouched',
    '/read': read,
    '/write': write,
  }
  function send(response: ServerResponse, text: string): void {
    response.setHeader('content-type', 'text/plain')
    response.setHeader('content-length', text.length)
    response.end(text)
  }
  function listener(request: IncomingMessage, response: ServerResponse): unknown {
    const text = handles[request.url ?? '']?.(request) ?? ''
    return typeof text === 'string' ? send(response, text) : text.then((it) => send(response, it))
  }
  if (wrap) return wrap(listener)
  if (!middleware) return listener
  return (request, response) => middleware(request, response, () => listener(request, response))
}

function withExpress(express: typeof express5, sessions: Sessions): RequestListener {
  const app = express()
  if (sessions.middleware) app.use(sessions.middleware)
  app.get('/untouched', (_, response) => void response.type('text').send('untouched'))
  for (const path of ['read', 'write'] as const) {
    app.get(`/${path}`, (request, response, next) => {
      const text = sessions[path](request)
      if (typeof text === 'string') response.type('text').send(text)
      else text.then((it) => response.type('text').send(it)).catch(next)
    })
  }
  return app
}
