import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AnyStore, SessionListener } from '@sojourn/core'
import type { ConnectStore } from './connect.ts'
import type { CookieOptions } from './cookie-options.ts'
import type { PersistentTimeouts } from './idle.ts'
import { warnOnce } from './warn.ts'

/** What signs: a text, bytes or a `KeyObject`. */
export type SigningSecret = string | ArrayBufferView | { export(): unknown }

/** Where sessions were kept before. */
export interface Previous {
  /** The store that express-session used. Default: `store`, where that is a connect-style store. */
  readonly store?: ConnectStore
  /** The name of its cookie. Default: `name`. */
  readonly name?: string
  /** What signed its cookies. Default: `secret`. */
  readonly secret?: SigningSecret | readonly SigningSecret[]
}

/** A request, with what Express adds to it where it is in use. */
export interface OptionsRequest extends IncomingMessage {
  readonly secure?: boolean | undefined
  readonly hostname?: string | undefined
  readonly ip?: string | undefined
  readonly originalUrl?: string | undefined
}

// As a method, so that it may ask for the request of Express, which is more.
type OfRequest<T> = { of(request: OptionsRequest): T }['of']

/** express-session's options, and some of our own. As there, they may be put together bit by bit. */
export interface SessionOptions {
  /** The first signs, all verify. At least 32 bytes. */
  secret?: SigningSecret | readonly SigningSecret[] | undefined
  /** A store of ours, or any connect-style store. Default: a bounded one in memory. */
  store?: AnyStore | ConnectStore | undefined
  /** The cookie's name. Default `connect.sid`. */
  name?: string | undefined
  /** An older word for `name`. */
  key?: string | undefined
  cookie?: CookieOptions | OfRequest<CookieOptions | undefined> | undefined
  /** Write the session with each request, changed or not. Default `true`; set `false`. */
  resave?: boolean | undefined
  /** Store sessions in which nothing was set. Default `true`; set `false`. */
  saveUninitialized?: boolean | undefined
  /** Send the cookie with each response, so that its expiry moves in the browser too. Default `false`. */
  rolling?: boolean | undefined
  /** What `req.session = null` does to the session in the store. Default `keep`. */
  unset?: 'keep' | 'destroy' | undefined
  /** Accepted and not asked: ids are random. */
  genid?: OfRequest<string> | undefined
  /** Whether to believe `X-Forwarded-Proto` of whoever sends it. Default: what Express's `trust proxy` says. */
  proxy?: boolean | undefined
  /** Ours: where sessions of express-session are found, which are taken over on first use; `false`: no more. */
  previous?: Previous | false
  /** Ours: seconds that a session without `cookie.maxAge` lives without use. Default a day. A connect-style store has its own. */
  idleTimeout?: number
  /** Ours: seconds that a session lives at most. Default: without end, as with express-session. */
  absoluteTimeout?: number
  /** Ours: as in `createSessions`, for sessions that the native API has made persistent. Default: 14 days without use, and as `absoluteTimeout`. */
  persistent?: PersistentTimeouts
  /** Ours: told of everything that happens to a session. */
  onEvent?: SessionListener
}

/** The secrets as bytes that the core takes, and as they sign the cookies of express-session. */
export interface Secrets {
  readonly keys: readonly Uint8Array[]
  readonly signing: readonly (string | Uint8Array)[]
}

/** @throws {TypeError} for an option that express-session refuses too, or one of ours that is wrong. */
export function checkOptions(options: SessionOptions): void {
  const { genid, unset, secret, resave, saveUninitialized, proxy } = options
  if (genid !== undefined && typeof genid !== 'function') {
    throw new TypeError('genid option must be a function')
  }
  if (unset && unset !== 'destroy' && unset !== 'keep') {
    throw new TypeError('unset option must be "destroy" or "keep"')
  }
  if (Array.isArray(secret) && secret.length === 0) {
    throw new TypeError('secret option array must contain one or more strings')
  }
  const { name = options.key, cookie } = options
  const secure = typeof cookie === 'object' && cookie.secure
  if (/^__(host|secure)-/i.test(name ?? '') && !secure && typeof cookie !== 'function') {
    warnOnce('NAME', `"name" ${name} needs "cookie.secure": browsers refuse such a cookie without`)
  }
  if (genid) {
    warnOnce('GENID', '"genid" is not asked: ids are random, and find nothing but their record')
  }
  if (resave !== false) {
    warnOnce(
      'RESAVE',
      '"resave" costs a write with each request: set it to false; sessions stay alive without',
    )
  }
  if (saveUninitialized !== false) {
    warnOnce(
      'SAVE_UNINITIALIZED',
      '"saveUninitialized" stores a session for whoever comes by: set it to false',
    )
  }
  if (proxy === true) {
    warnOnce(
      'PROXY',
      '"proxy: true" believes everybody\'s X-Forwarded-Proto: leave it out, and tell Express by "trust proxy" which proxies to believe',
    )
  }
}

/** Makes of a secret, or a list of them, what can be used. */
export function secretsOf(secret: NonNullable<SessionOptions['secret']>): Secrets {
  const signing = (Array.isArray(secret) ? secret : [secret]).map(bytesOf)
  return { signing, keys: signing.map(keyOf) }
}

function bytesOf(secret: SigningSecret): string | Uint8Array {
  if (secret === '') throw new TypeError('"secret" holds an empty text: is its variable set?')
  if (typeof secret === 'string') return secret
  if (ArrayBuffer.isView(secret)) {
    return new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
  }
  const exported = typeof secret?.export === 'function' ? secret.export() : null
  if (exported instanceof Uint8Array) return exported
  throw new TypeError('"secret" must be text, bytes or a secret KeyObject')
}

// A short secret still opens what it opened before. Stretched, it is no harder to guess.
function keyOf(secret: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(secret as string)
  if (bytes.length >= 32) return bytes
  warnOnce(
    'SECRET',
    'A secret is shorter than 32 bytes, and can be guessed from one cookie: put a longer one first, and drop this one when what it has signed has ended',
  )
  return createHash('sha256').update('sojourn/express-session/').update(bytes).digest()
}
