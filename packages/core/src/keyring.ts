import { base64url, sameText, utf8 } from './bytes.ts'
import type { Awaitable, Bytes, CryptoProvider, Mac } from './provider.ts'

/**
 * An application secret of at least 32 bytes: text counts as its UTF-8 bytes. A `CryptoKey` has the algorithm HKDF and the usage
 * `deriveBits`; it need not be extractable.
 */
export type Secret = string | Uint8Array | CryptoKey

/** The keys of one purpose: the first signs, all verify. */
export interface Keyring {
  readonly sha256: CryptoProvider['sha256']
  /** The MAC of a text under the newest key. */
  sign(text: string): Promise<string>
  /** The position of the key that made this MAC, or -1. */
  verify(text: string, mac: string): Promise<number>
}

/** A secret, or what draws one when it is first needed. */
export type SecretSource = Secret | (() => Uint8Array)

/** The keys for a purpose, derived from the application's secrets on first use: Workers allow no randomness and no promise before. */
export function createKeyring(
  secrets: readonly SecretSource[],
  purpose: string,
  { sha256, hmac, hkdf }: CryptoProvider,
): Keyring {
  const macs = secrets.map((secret, index) => {
    checkSecret(`secret[${index}]`, secret)
    return once(async () => {
      const given = typeof secret === 'function' ? secret() : secret
      const material = (typeof given === 'string' ? utf8(given) : given) as Bytes | CryptoKey
      const info = utf8(`sojourn/1/mac/${purpose}`)
      return hmac(await hkdf(material, new Uint8Array(32), info, 32))
    })
  })
  async function sign(text: string, keyed: () => Awaitable<Mac>): Promise<string> {
    const mac = await keyed()
    return base64url(await mac(utf8(text)))
  }
  return {
    sha256,
    sign: (text) => sign(text, macs[0] as () => Awaitable<Mac>),
    async verify(text, mac) {
      for (const [index, keyed] of macs.entries()) {
        if (sameText(await sign(text, keyed), mac)) return index
      }
      return -1
    },
  }
}

function checkSecret(option: string, secret: SecretSource): void {
  const bytes = typeof secret === 'string' ? utf8(secret) : secret
  if (typeof bytes === 'function' || (bytes as Uint8Array)?.length >= 32) return
  if ((bytes as CryptoKey)?.usages?.includes('deriveBits')) return
  // The value is not named: it may be a real secret, cut short.
  throw new TypeError(`"${option}" must be an HKDF key or at least 32 bytes`)
}

// Keeps the value, never the promise: Workers forbid one request to await a promise of another.
function once<T>(make: () => Promise<T>): () => Awaitable<T> {
  let made: T | undefined
  return () =>
    made ??
    make().then((value) => {
      made = value
      return value
    })
}
