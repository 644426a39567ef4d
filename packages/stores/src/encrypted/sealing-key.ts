import type { Secret } from '@sojourn/core'
import { toBase64url } from './base64url.ts'

/** What one secret seals with. */
export interface SealingKey {
  /** What sealed data call the key: says nothing about it. */
  name(): Promise<string>
  /** The AES-256-GCM key of one session. */
  of(id: string): Promise<CryptoKey>
}

type Bytes = Uint8Array<ArrayBuffer>

// So many sessions' keys are kept at hand: a request that changes its session needs one twice.
const AT_HAND = 1000
const NAME_LENGTH = 6

const encoder = new TextEncoder()

/**
 * The keys of one secret, derived on first use: Workers allow no promise before.
 *
 * @throws {TypeError} naming the option, never the secret.
 */
export function sealingKey(option: string, secret: Secret): SealingKey {
  const material = materialOf(option, secret)
  // Values, never promises: Workers forbid one request to wait for another's.
  let base: CryptoKey | undefined
  let name: string | undefined
  const keys = new Map<string, CryptoKey>()

  async function derive(info: string, length: number): Promise<Bytes> {
    base ??=
      material instanceof CryptoKey
        ? material
        : await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits'])
    const salt = new Uint8Array(32)
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt, info: encoder.encode(info) }
    return new Uint8Array(await crypto.subtle.deriveBits(hkdf, base, length * 8))
  }

  async function sessionKey(info: string): Promise<CryptoKey> {
    const usages: KeyUsage[] = ['encrypt', 'decrypt']
    return crypto.subtle.importKey('raw', await derive(info, 32), 'AES-GCM', false, usages)
  }

  return {
    async name() {
      name ??= toBase64url(await derive('sojourn/1/seal-name', NAME_LENGTH))
      return name
    },
    async of(id) {
      // An id is 32 characters. What else may be asked for is cut: what is sealed is bound to all of it.
      const short = id.slice(0, 64)
      const key = keys.get(short) ?? (await sessionKey(`sojourn/1/seal/${short}`))
      keys.delete(short)
      keys.set(short, key)
      for (const oldest of keys.keys()) {
        if (keys.size <= AT_HAND) break
        keys.delete(oldest)
      }
      return key
    },
  }
}

// As the core reads its `secret`.
function materialOf(option: string, secret: Secret): Bytes | CryptoKey {
  const bytes = typeof secret === 'string' ? encoder.encode(secret) : secret
  // A copy, since nobody expects the key to change with a buffer that is wiped.
  if (bytes instanceof Uint8Array && bytes.length >= 32) return new Uint8Array(bytes)
  const key = bytes as Partial<CryptoKey> | null | undefined
  if (key?.algorithm?.name === 'HKDF' && key.usages?.includes('deriveBits')) return key as CryptoKey
  // The value is not named: it may be a real secret, cut short.
  throw new TypeError(`"${option}" must be at least 32 bytes or an HKDF key that derives bits`)
}
