import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import dropIn, { type Cookie, type SessionOptions } from '@sojourn/node/express-session'
import original from 'express-session'
import { afterEach, onTestFinished, vi } from 'vitest'

/** `req.session`, as an application without types sees it. */
export interface Bag {
  [key: string]: unknown
  count?: unknown
  user?: unknown
  hit?: unknown
  late?: unknown
  a?: unknown
  hits?: unknown
  readonly id: string
  cookie: Cookie
  touch(): Bag
  save(done?: (error?: unknown) => void): unknown
  reload(done?: (error?: unknown) => void): unknown
  destroy(done?: (error?: unknown) => void): unknown
  regenerate(done?: (error?: unknown) => void): unknown
}

export type Req = IncomingMessage & {
  session: Bag
  sessionID: string
  sessionStore: InstanceType<typeof dropIn.Store>
  secret?: string
  secure?: boolean
  originalUrl?: string
}
export type Handle = (request: Req, response: ServerResponse) => unknown
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** The module of express-session, and the one that stands in for it. */
export interface Module {
  (options?: SessionOptions): Middleware
  Store: typeof dropIn.Store
  MemoryStore: typeof dropIn.MemoryStore
  Session: unknown
  Cookie: typeof dropIn.Cookie
}

export const modules = [
  { name: 'express-session', isOriginal: true, session: original as unknown as Module },
  { name: 'the drop-in', isOriginal: false, session: dropIn as unknown as Module },
]
export const ours: Module = dropIn as unknown as Module
export const theirs: Module = original as unknown as Module

/** At least 32 bytes. */
export const secret = 'a secret that nobody can guess, of course'

// Old options are accepted with a warning, and so does express-session.
process.setMaxListeners(0)
Object.assign(process.env, { NO_DEPRECATION: 'express-session' })
afterEach(() => {
  vi.useRealTimers()
})

/** Stops the clock, which from now on moves when told. */
export function stopClock(): (milliseconds: number) => void {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
  return (milliseconds) => void vi.setSystemTime(Date.now() + milliseconds)
}

/** Serves until the test ends. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A site of `node:http`: the middleware, then the handler; an error is answered with 500 and its message. */
export function site(middleware: Middleware, handle: Handle, before?: Handle): Promise<string> {
  return serve((request, response) => {
    before?.(request as Req, response)
    middleware(request, response, (error) => {
      if (!error) return handle(request as Req, response)
      if (response.headersSent) return response.destroy()
      response.statusCode = 500
      return response.end((error as Error).message)
    })
  })
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** The `Set-Cookie` lines. */
  readonly cookies: readonly string[]
}

/** Somebody who keeps cookies. */
export interface Visitor {
  readonly jar: Map<string, string>
  get(path?: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, form: Record<string, string>): Promise<Answer>
}

export function visitor(url: string, jar: Map<string, string> = new Map()): Visitor {
  async function ask(path: string, init: RequestInit): Promise<Answer> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie && { cookie }), ...(init.headers as object) }
    const response = await fetch(url + path, { ...init, headers, redirect: 'manual' })
    const cookies = response.headers.getSetCookie()
    for (const line of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const expires = /; Expires=([^;]+)/.exec(line)?.[1]
      if (expires && Date.parse(expires) <= 0) jar.delete(name)
      else jar.set(name, value)
    }
    return {
      status: response.status,
      text: await response.text(),
      headers: response.headers,
      cookies,
    }
  }
  return {
    jar,
    get: (path = '/', headers = {}) => ask(path, { headers }),
    post: (path, form) => ask(path, { method: 'POST', body: new URLSearchParams(form) }),
  }
}

/** A connect-style store in memory that counts what it is asked. */
export function countingStore(module: Module): InstanceType<typeof dropIn.MemoryStore> & {
  readonly calls: string[]
} {
  const store = new module.MemoryStore()
  const calls: string[] = []
  for (const name of ['get', 'set', 'destroy', 'touch'] as const) {
    const own = store[name] as (...args: unknown[]) => unknown
    store[name] = ((...args: unknown[]) => {
      calls.push(name)
      return own.apply(store, args)
    }) as never
  }
  return Object.assign(store, { calls })
}

export const usual = { secret: 'keyboard cat', cookie: { maxAge: 60_000 } }

export const count: Handle = ({ session }, response) => {
  session.count = Number(session.count ?? 0) + 1
  response.end(String(session.count))
}

export const done: Handle = (_, response) => response.end('done')
