import type { IncomingMessage } from 'node:http'
import session, {
  type ConnectStore,
  type CookieOptions,
  connectStore,
  type SessionData,
  type SessionOptions,
} from '@sojourn/node/express-session'
import type { Request } from 'express'
import type theirs from 'express-session'
import { describe, expectTypeOf, it } from 'vitest'

declare const store: theirs.Store
declare const options: theirs.SessionOptions

describe('what @types/express-session has typed', () => {
  it('is a store', () => {
    expectTypeOf(store).toExtend<ConnectStore>()
    expectTypeOf<theirs.MemoryStore>().toExtend<ConnectStore>()
    connectStore(store)
    session({ secret: 'secret', store, previous: { store } })
  })

  it('is a secret', () => {
    session({ secret: options.secret, previous: { store, secret: options.secret } })
  })

  it('are options', () => {
    session({ ...options, genid: (request) => String(request.url) })
  })
})

describe('options', () => {
  it('may be put together bit by bit', () => {
    const options: SessionOptions = { secret: 's' }
    options.resave = false
    options.cookie = { maxAge: 60_000 }
    options.cookie.secure = true
    session(options)
  })
})

describe('the request that an option is asked with', () => {
  it('is one of Express, whoever names it', () => {
    session({ secret: 's', cookie: (request) => ({ secure: request.secure || false }) })
    session({ secret: 's', genid: (request) => `${request.hostname} ${request.ip}` })
    session({ secret: 's', cookie: (request: Request) => ({ secure: request.secure }) })
    session({ secret: 's', cookie: (request: IncomingMessage) => ({ path: request.url }) })
  })
})

describe('a store', () => {
  it('has get, set and destroy', () => {
    expectTypeOf<{ get(sid: string): string }>().not.toExtend<ConnectStore>()
    expectTypeOf<Map<string, object>>().not.toExtend<ConnectStore>()
  })
})

describe('what is written as `session.` in a type', () => {
  it('is what the module exports', () => {
    expectTypeOf<session.SessionOptions>().toEqualTypeOf<SessionOptions>()
    expectTypeOf<session.CookieOptions>().toEqualTypeOf<CookieOptions>()
    expectTypeOf<session.SessionData>().toEqualTypeOf<SessionData>()
    expectTypeOf(new session.MemoryStore()).toEqualTypeOf<session.MemoryStore>()
    expectTypeOf(new session.Cookie()).toEqualTypeOf<session.Cookie>()
    expectTypeOf(new session.Store()).toEqualTypeOf<session.Store>()
    expectTypeOf(new session.Session({})).toEqualTypeOf<session.Session>()
  })
})
