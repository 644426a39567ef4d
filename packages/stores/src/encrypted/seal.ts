import type { Secret } from '@sojourn/core'
import { fromBase64url, toBase64url } from './base64url.ts'
import { type SealingKey, sealingKey } from './sealing-key.ts'

/** Why sealed data cannot be had. */
export type UnsealReason = 'not-sealed' | 'unknown-key' | 'damaged'

/** What is kept in a record is not what was sealed for it, or was sealed under a key that is not listed. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError'
  readonly reason: UnsealReason
  /** The session's public id. */
  readonly id: string

  constructor(id: string, reason: UnsealReason) {
    super(`Session ${id} cannot be unsealed: ${reason}`)
    this.id = id
    this.reason = reason
  }
}

/** Seals texts for sessions. `context` is not in the sealed text, and must be the same to unseal it. */
export interface Sealer {
  seal(id: string, context: string, text: string): Promise<string>
  /** @throws {UnsealError} */
  unseal(id: string, context: string, sealed: unknown): Promise<string>
}

// AES-GCM's own (NIST SP 800-38D section 8.2.2). A key of its own for each session keeps it far from 2^32 writes.
const NONCE = 12
const TAG = 16
const SEALED = /^1\.([\w-]+)\.([\w-]+)$/

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A sealer whose first key seals and whose keys all unseal.
 *
 * @throws {TypeError} naming the key at fault by its place.
 */
export function createSealer(secrets: Secret | readonly Secret[]): Sealer {
  const list = Array.isArray(secrets) ? (secrets as readonly Secret[]) : [secrets as Secret]
  if (!list.length) throw new TypeError('"keys" must not be empty')
  const keys = list.map((secret, index) => sealingKey(`keys[${index}]`, secret))

  async function named(name: string): Promise<SealingKey | null> {
    for (const key of keys) if ((await key.name()) === name) return key
    return null
  }

  return {
    async seal(id, context, text) {
      const [first] = keys as [SealingKey]
      const iv = crypto.getRandomValues(new Uint8Array(NONCE))
      const algorithm = { name: 'AES-GCM', iv, additionalData: encoder.encode(context) }
      const key = await first.of(id)
      const sealed = await crypto.subtle.encrypt(algorithm, key, encoder.encode(text))
      const bytes = new Uint8Array(NONCE + sealed.byteLength)
      bytes.set(iv)
      bytes.set(new Uint8Array(sealed), NONCE)
      return `1.${await first.name()}.${toBase64url(bytes)}`
    },
    async unseal(id, context, sealed) {
      const [, name = '', text = ''] = (typeof sealed === 'string' && SEALED.exec(sealed)) || []
      if (!name) throw new UnsealError(id, 'not-sealed')
      const found = await named(name)
      if (!found) throw new UnsealError(id, 'unknown-key')
      const bytes = fromBase64url(text)
      if (!bytes || bytes.length < NONCE + TAG) throw new UnsealError(id, 'damaged')
      const iv = bytes.subarray(0, NONCE)
      const algorithm = { name: 'AES-GCM', iv, additionalData: encoder.encode(context) }
      const key = await found.of(id)
      try {
        const plain = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(NONCE))
        return decoder.decode(plain)
      } catch {
        throw new UnsealError(id, 'damaged')
      }
    },
  }
}
