import type { IncomingMessage, ServerResponse } from 'node:http'
import { type App, createApp } from './app.ts'
import { reachElsewhere, saveItself } from './by-hand.ts'
import type { Keeper } from './keeper.ts'
import { checkOptions, type SessionOptions } from './options.ts'
import { pathOf } from './origin.ts'
import { Part } from './part.ts'
import { isPut, type ParsedRequest, present } from './presented.ts'
import type { SessionRequest } from './session.ts'
import type { Upgrade, Upgraded } from './upgrade.ts'

/** For `app.use` of Express 4 and 5 and of Connect, or to be called by hand. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

type Request = ParsedRequest & SessionRequest & { secret?: string | undefined }

const parts = new WeakMap<SessionRequest, Part>()

/**
 * Sessions with express-session's options and `req.session`, on our stores and tokens.
 *
 * @throws {TypeError} naming the option at fault.
 */
export function createMiddleware(options: SessionOptions = {}): SessionMiddleware {
  checkOptions(options)
  const app = createApp(options)
  if (options.secret) app.keptWith(options.secret)
  let ready = true
  app.view.on?.('disconnect', () => {
    ready = false
  })
  app.view.on?.('connect', () => {
    ready = true
  })
  saveItself(app.view)
  for (const store of app.usedByHand) reachElsewhere(store, app.elsewhere)
  app.view.generate = (request) => parts.get(request)?.begin()

  return function session(request: Request, response, next) {
    const path = app.cookieOf(request).path || '/'
    if (request.session || !ready || !pathOf(request).startsWith(path)) {
      next()
      return
    }
    const secret = options.secret || request.secret
    if (!secret) {
      next(new Error('secret option required for sessions'))
      return
    }
    const { keeper, takeOver } = app.keptWith(secret)
    request.sessionStore = app.view
    const part = new Part(app, keeper, request, response, next)
    parts.set(request, part)
    const values = app.presented(request)
    if (!values.length && !presentsPrevious(app, request)) {
      begin(app, part)
      next()
      return
    }
    // Not from within the promise: what a handler throws is not ours to answer.
    open(app, keeper, takeOver, part, request, values).then(
      () => process.nextTick(next),
      (error) => process.nextTick(next, error),
    )
  }
}

function presentsPrevious({ previousName, name }: App, request: Request): boolean {
  if (request.signedCookies?.[previousName]) return true
  return previousName !== name && Boolean(request.headers.cookie?.includes(`${previousName}=`))
}

function begin(app: App, part: Part): void {
  if (app.saveUninitialized) part.begin()
  else part.beginWhenAsked()
}

async function open(
  app: App,
  keeper: Keeper,
  takeOver: Upgrade,
  part: Part,
  request: Request,
  values: readonly string[],
): Promise<void> {
  for (const token of values.filter((value) => !/[:%]/.test(value))) {
    const opened = await keeper.open(token)
    const told = isPut(request, token) ? token : undefined
    if (await resume(app, keeper, part, { opened, token }, told)) return
  }
  const upgraded = await takeOver(request, keeper)
  if (upgraded && (await resume(app, keeper, part, upgraded, upgraded.token))) {
    // The native API, which knows no other, may open it in the same request.
    present(request, app.name, upgraded.token, app.previousName)
    return
  }
  begin(app, part)
}

/** Goes on with what was opened; `false`: it is none, or is over. */
async function resume(
  app: App,
  keeper: Keeper,
  part: Part,
  { opened, token }: Upgraded,
  told?: string,
): Promise<boolean> {
  if (opened.id === null) return false
  const lastSeenAt = app.judges ? keeper.lastSeenAt(opened) : null
  const cookie = keeper.cookieOf(opened, lastSeenAt, () => part.defaults())
  if (lastSeenAt !== null && (await keeper.endIfExpired(opened, lastSeenAt, cookie))) return false
  part.resume(opened, token, cookie, lastSeenAt, told)
  return true
}
