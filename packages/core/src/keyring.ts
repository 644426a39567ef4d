import { base64url, sameText, utf8 } from './bytes.ts'
import { type Awaitable, type Bytes, type CryptoProvider, chain, type Mac } from './provider.ts'

/**
 * An application secret of at least 32 bytes: text counts as its UTF-8 bytes. A `CryptoKey` has the algorithm HKDF and the usage
 * `deriveBits`; it need not be extractable.
 */
export type Secret = string | Uint8Array | CryptoKey

/** The keys of one purpose: the first signs, all verify. */
export interface Keyring {
  readonly sha256: CryptoProvider['sha256']
  /** The MAC of a text under the newest key. */
  sign(text: string): Awaitable<string>
  /** The position of the key that made this MAC, or -1. */
  verify(text: string, mac: string): Awaitable<number>
}

/** A secret, or what draws one when it is first needed. */
export type SecretSource = Secret | (() => Uint8Array)

type Sign = (text: string) => Awaitable<string>

/** The keys for a purpose, derived from the application's secrets on first use: Workers allow no randomness and no promise before. */
export function createKeyring(
  secrets: readonly SecretSource[],
  purpose: string,
  provider: CryptoProvider,
): Keyring {
  const info = utf8(`sojourn/1/mac/${purpose}`)
  const macs = secrets.map((secret, index) => {
    const material = materialOf(`secret[${index}]`, secret)
    let mac: Mac | undefined
    // Keeps the value, never the promise: Workers forbid one request to await a promise of another.
    async function derive(): Promise<Mac> {
      const bytes = typeof material === 'function' ? material() : material
      mac = await provider.hmac(await provider.hkdf(bytes as Bytes, new Uint8Array(32), info, 32))
      return mac
    }
    return (text: string): Awaitable<string> =>
      chain(mac ?? derive(), (mac) => chain(mac(utf8(text)), base64url))
  }) as [Sign, ...Sign[]]

  function verify(text: string, mac: string, index = 0): Awaitable<number> {
    const sign = macs[index]
    if (!sign) return -1
    return chain(sign(text), (made) => (sameText(made, mac) ? index : verify(text, mac, index + 1)))
  }
  return { sha256: (message) => provider.sha256(message), sign: (text) => macs[0](text), verify }
}

function materialOf(option: string, secret: SecretSource): Exclude<SecretSource, string> {
  if (typeof secret === 'function') return secret
  // A copy, since nobody expects the key to change with a buffer that is wiped; `slice` of a Node Buffer would be none.
  const bytes = typeof secret === 'string' ? utf8(secret) : secret
  if (bytes instanceof Uint8Array && bytes.length >= 32) return new Uint8Array(bytes)
  if ((bytes as CryptoKey | undefined)?.algorithm?.name === 'HKDF') return bytes
  // The value is not named: it may be a real secret, cut short.
  throw new TypeError(`"${option}" must be at least 32 bytes or an HKDF key`)
}
