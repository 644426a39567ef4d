import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { memoryStore } from '@sojourn/core'
import compression from 'compression'
import express5, { type NextFunction, type Response } from 'express'
import { describe, expect, it } from 'vitest'
import { modules, type Req, secret, serve, visitor } from './kit.ts'

interface Page {
  flash?: Record<string, string[]>
  csrf?: string
  basket?: unknown[]
}
type Request = Req & {
  session: Page
  body: { name?: string; _csrf?: string }
  params: { what?: string }
  flash(type: string, text?: string): string[]
}

// Without types under this name.
const { default: express4 } = await import('express-4' as string)

const quiet = { secret, resave: false, saveUninitialized: false }

// As Passport signs in: the session is regenerated, what it held is carried over, and it is saved before the redirect.
function signIn(request: Request, user: string, done: (error?: unknown) => void): void {
  const former = request.session
  request.session.regenerate((error) => {
    if (error) return done(error)
    const { cookie: _, ...data } = former
    Object.assign(request.session, data, { passport: { user } })
    request.session.save(done)
  })
}

// As connect-flash keeps messages: they are taken away by being read.
function flash(request: Request, _: unknown, next: NextFunction): void {
  request.flash = (type, text) => {
    request.session.flash ??= {}
    const kept = request.session.flash
    const messages = kept[type] ?? []
    if (text === undefined) delete kept[type]
    else kept[type] = [...messages, text]
    return messages
  }
  next()
}

// As csurf guards forms: a secret in the session, which the form gives back.
function csrf(request: Request, response: Response, next: NextFunction): void {
  request.session.csrf ??= randomBytes(8).toString('hex')
  const token = request.session.csrf
  if (request.method !== 'POST' || request.body._csrf === token) next()
  else response.status(403).send('invalid csrf token')
}

/** A small application with pages, as many an application on Express is. */
function application(express: typeof express5, session: unknown): RequestListener {
  const app = express()
  const use = app.use.bind(app) as (...handlers: unknown[]) => void
  use(compression({ threshold: 0 }))
  use(express.urlencoded({ extended: false }))
  use(session)
  use(flash)
  use(csrf)
  const page = (path: string, handle: (request: Request, response: Response) => unknown): void => {
    app.get(path, handle as never)
  }
  page('/', (request, response) => {
    const { passport, csrf } = request.session
    const user = (passport as { user: string } | undefined)?.user ?? null
    response.json({ user, csrf, info: request.flash('info'), id: request.sessionID })
  })
  page('/basket/:what', (request, response) => {
    request.session.basket ??= []
    request.session.basket.push(request.params.what)
    response.json(request.session.basket)
  })
  page('/fails', () => {
    throw new Error('no such thing')
  })
  app.post('/login', ((request: Request, response: Response, next: NextFunction) => {
    request.flash('info', `Hello ${request.body.name}`)
    signIn(request, String(request.body.name), (error) =>
      error ? next(error) : response.redirect('/'),
    )
  }) as never)
  app.post('/logout', ((request: Request, response: Response) => {
    request.session.destroy(() => response.clearCookie('connect.sid').redirect('/'))
  }) as never)
  use((error: Error, _: unknown, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    return response.status(500).send(error.message)
  })
  return app as RequestListener
}

const frameworks = { 'Express 5': express5, 'Express 4': express4 as typeof express5 }
const cases = modules.flatMap(({ name, session, isOriginal }) =>
  Object.entries(frameworks).flatMap(([framework, express]) => [
    {
      name,
      framework,
      express,
      newSession: () => session({ ...quiet, store: new session.MemoryStore() }),
    },
    ...(isOriginal
      ? []
      : [
          {
            name: `${name} on a store of ours`,
            framework,
            express,
            newSession: () => session({ ...quiet, store: memoryStore() }),
          },
        ]),
  ]),
)

describe.each(cases)('an application on $framework with $name', ({ express, newSession }) => {
  it('signs in, keeps the basket, shows a message once, and signs out', async () => {
    const url = await serve(application(express, newSession()))
    const one = visitor(url)
    const home = async () => JSON.parse((await one.get('/')).text)
    await one.get('/basket/lamp')
    const before = await home()
    const old = new Map(one.jar)

    expect((await one.post('/login', { name: 'ada' })).status).toBe(403)
    const { status, headers } = await one.post('/login', { name: 'ada', _csrf: before.csrf })
    expect([status, headers.get('location')]).toEqual([302, '/'])
    const after = await home()
    expect(after).toMatchObject({ user: 'ada', info: ['Hello ada'], csrf: before.csrf })
    expect(after.id).not.toBe(before.id)
    expect((await home()).info).toEqual([])
    expect((await one.get('/basket/rug')).text).toBe('["lamp","rug"]')

    // Who has planted or stolen the cookie from before has nothing.
    const thief = visitor(url, old)
    expect(JSON.parse((await thief.get('/')).text).user).toBe(null)

    const signedIn = new Map(one.jar)
    await one.post('/logout', { _csrf: before.csrf })
    expect(one.jar.size).toBe(0)
    expect((await home()).user).toBe(null)
    one.jar.clear()
    for (const [name, value] of signedIn) one.jar.set(name, value)
    expect((await home()).user).toBe(null)
  })

  it('answers an error of a page by its own words, and keeps the session', async () => {
    const one = visitor(await serve(application(express, newSession())))
    await one.get('/basket/lamp')
    const { status, text } = await one.get('/fails')
    expect([status, text]).toEqual([500, 'no such thing'])
    expect((await one.get('/basket/rug')).text).toBe('["lamp","rug"]')
  })
})
