import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { createSessions, type Secret, type SessionListener } from '@sojourn/core'
import { session } from '@sojourn/hono'
import { type SqliteStore, sqliteStore } from '@sojourn/stores/sqlite'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import type { Env, SessionData } from './env.ts'
import { files } from './files.ts'
import { createJournal } from './journal.ts'
import { page } from './pages/layout.ts'
import { notFoundPage } from './pages/not-found.ts'
import { accountRoutes } from './routes/account.ts'
import { cartRoutes } from './routes/cart.ts'
import { shopRoutes } from './routes/shop.ts'
import { signInRoutes } from './routes/sign-in.ts'

export interface AppOptions {
  /** Where sessions are kept. Default: in memory, until the process ends. */
  readonly store?: SqliteStore
  /** What tokens are made with; as long-lived as the store. Default: a new one. */
  readonly secret?: Secret
  /** The time in epoch milliseconds. */
  readonly clock?: () => number
  /** Told of everything that happens to a session. */
  readonly onEvent?: SessionListener
}

export function createApp(options: AppOptions = {}): Hono<Env> {
  const { clock = Date.now, onEvent } = options
  const {
    store = sqliteStore({ database: new DatabaseSync(':memory:'), clock }),
    secret = randomBytes(32).toString('base64'),
  } = options
  const journal = createJournal(clock)

  const sessions = createSessions<SessionData>({
    store: journal.meter(store),
    secret,
    idleTimeout: 30 * 60,
    absoluteTimeout: 24 * 60 * 60,
    renewalTimeout: 15 * 60,
    clock,
    onEvent(event) {
      journal.note(event)
      onEvent?.(event)
    },
  })

  return new Hono<Env>()
    .use(headers)
    .use(files)
    .use(csrf())
    .use(bodyLimit({ maxSize: 16 * 1024 }))
    .use(journal.record)
    .use(session(sessions))
    .use(journal.watch)
    .route('/', shopRoutes)
    .route('/', cartRoutes)
    .route('/', signInRoutes)
    .route('/', accountRoutes(sessions))
    .notFound((c) =>
      page(c, { title: 'Not found', content: notFoundPage(), session: null, status: 404 }),
    )
    .onError((error, c) => {
      if (error instanceof HTTPException) return error.getResponse()
      console.error(error)
      return c.text('Something went wrong, and nothing of it was kept.', 500)
    })
}

const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    imgSrc: ["'self'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  // With `no-referrer`, browsers send forms with `Origin: null`, which `csrf` could not trust.
  referrerPolicy: 'same-origin',
})
