import { base64url, utf8 } from './bytes.ts'
import type { Keyring } from './keyring.ts'
import { type Awaitable, chain } from './provider.ts'

/** A token taken apart after its MAC was found good. */
export interface Claim {
  /** The secret part, 32 characters. */
  readonly random: string
  readonly generation: number
  /** Whether an older application secret signed it. */
  readonly outdatedSecret: boolean
}

// A generation is a canonical decimal, so that one token has one spelling. Nine digits outlast any session.
const TOKEN = /^([\w-]{32})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/

/** The longest a token gets, in characters, which are all cookie-octets (RFC 6265bis section 4.1.1). */
export const TOKEN_LENGTH: number = 32 + 1 + 9 + 1 + 43

/** The text that the client holds: `<random>.<generation>.<mac>`. */
export function issueToken(
  keyring: Keyring,
  random: string,
  generation: number,
): Awaitable<string> {
  const signed = `${random}.${generation}`
  return chain(keyring.sign(signed), (mac) => `${signed}.${mac}`)
}

/** What a token claims, once proved to be ours; else why not. Asks no store. */
export function verifyToken(
  keyring: Keyring,
  token: string,
): Awaitable<Claim | 'malformed' | 'forged'> {
  const parts = token.length <= TOKEN_LENGTH && TOKEN.exec(token)
  if (!parts) return 'malformed'
  const [, random = '', generation = '', mac = ''] = parts
  return chain(keyring.verify(`${random}.${generation}`, mac), (key) =>
    key < 0 ? 'forged' : { random, generation: Number(generation), outdatedSecret: key > 0 },
  )
}

/** The public name of a session: stores, logs and lists may hold it, for nobody can find the random part from it. */
export function sessionId(keyring: Keyring, random: string): Awaitable<string> {
  return chain(keyring.sha256(utf8(random)), (hash) => base64url(hash.subarray(0, 24)))
}

/** Whether a text has the form of a session id. */
export function isSessionId(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{32}$/.test(text)
}
