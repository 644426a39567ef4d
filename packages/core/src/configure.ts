import { platformCrypto } from '#crypto'
import { type CookieOptions, cookieTransport } from './cookie.ts'
import type { Engine } from './engine.ts'
import type { SessionEvent, SessionListener } from './events.ts'
import { createKeyring, type Secret, type SecretSource } from './keyring.ts'
import type { Timeouts } from './lifetime.ts'
import { optionError, seconds } from './options.ts'
import type { CryptoProvider } from './provider.ts'
import type { AnyStore } from './store.ts'
import type { Transport } from './transport.ts'

/** How sessions are kept. Durations are whole seconds. */
export interface SessionsOptions {
  /** Where the records live. */
  readonly store: AnyStore
  /**
   * The application's secret, or a list of them: the first signs, all verify, and a token under an older one is replaced. At least 32
   * bytes each. Only a store that dies with the process can do without.
   */
  readonly secret?: Secret | readonly Secret[] | undefined
  /** How the session cookie is set. */
  readonly cookie?: CookieOptions
  /** How tokens travel instead of in a cookie. */
  readonly transport?: Transport
  /**
   * A session ends when it was not used for this long. Use is written down at most once per tenth of it, so it may end up to a tenth
   * early. At least ten times the store's `leastTouchInterval`. Default 30 minutes. For sessions that survive the browser see `persistent`.
   * ASVS 7.3.1.
   */
  readonly idleTimeout?: number
  /** A session ends this long after its creation, its sign-in or the last re-authentication. Default 24 hours. ASVS 7.3.2. */
  readonly absoluteTimeout?: number
  /** A token in use is replaced after this long (OWASP's renewal timeout). Default: never. */
  readonly renewalTimeout?: number
  /**
   * For this long after a renewal the previous token is accepted too, and after any replacement a request that was under way sets no
   * cookie. Default 30.
   */
  readonly renewalGrace?: number
  /** The timeouts of "remember me": sessions that survive the browser. Default 14 days and 30 days (NIST SP 800-63B-4, AAL1). */
  readonly persistent?: GivenTimeouts
  /** How long a store call may take. Default 5; timers know no more than 24 days. */
  readonly storeTimeout?: number
  /** Told of everything that happens to a session. */
  readonly onEvent?: SessionListener
  /** The time in epoch milliseconds. Default `Date.now`. Give a memory store the same. */
  readonly clock?: () => number
  /** Default `nobleCrypto` on Node, Deno and Bun, `webCrypto` elsewhere: whichever is the faster there. */
  readonly crypto?: CryptoProvider
}

type GivenTimeouts = { readonly idleTimeout?: number; readonly absoluteTimeout?: number }

const DAY = 86_400

/** What the options come to, decided once: the request path reads no option. */
export function configure(options: SessionsOptions): {
  readonly engine: Engine
  readonly transport: Transport
} {
  const {
    store,
    transport = cookieTransport(options.cookie),
    renewalTimeout,
    renewalGrace,
    persistent = {},
    storeTimeout,
    onEvent,
    clock = Date.now,
    crypto = platformCrypto,
  } = options
  if (!store?.update) throw optionError('store', 'a store', store)
  for (const [option, value] of Object.entries({ onEvent, clock })) {
    if (value && typeof value !== 'function') throw optionError(option, 'a function', value)
  }
  const engine: Engine = {
    store,
    keyring: createKeyring(secretsOf(options), transport.purpose, crypto),
    policy: {
      browser: timeoutsOf('', store, options, 1800, DAY),
      persistent: timeoutsOf('persistent.', store, persistent, 14 * DAY, 30 * DAY),
      renewal: renewalTimeout === undefined ? Infinity : seconds('renewalTimeout', renewalTimeout),
      grace: seconds('renewalGrace', 30, renewalGrace),
    },
    timeLimit: seconds('storeTimeout', 5, storeTimeout),
    now: clock,
    emit(type, about, details) {
      const { id = null, subject = null } = about ?? {}
      onEvent?.({ type, at: clock(), id, subject, ...details } as SessionEvent)
    },
  }
  return { engine, transport }
}

// Use is written down once per tenth of the idle timeout, which may be no more often than the store allows.
function timeoutsOf(
  prefix: string,
  { leastTouchInterval = 0 }: AnyStore,
  { idleTimeout, absoluteTimeout }: GivenTimeouts,
  idleDefault: number,
  absoluteDefault: number,
): Timeouts {
  return {
    idle: seconds(`${prefix}idleTimeout`, idleDefault, idleTimeout, leastTouchInterval / 100 || 1),
    absolute: seconds(`${prefix}absoluteTimeout`, absoluteDefault, absoluteTimeout),
  }
}

function secretsOf({ secret, store }: SessionsOptions): readonly SecretSource[] {
  const drawn = store.secret && (() => store.secret?.() as Uint8Array)
  const secrets = Array.isArray(secret) ? (secret as readonly Secret[]) : [secret ?? drawn]
  if (secrets[0] === undefined) throw new TypeError('"secret" must be given')
  return secrets as readonly SecretSource[]
}
