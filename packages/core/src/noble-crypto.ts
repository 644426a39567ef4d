import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Bytes, CryptoProvider } from './provider.ts'
import { webCrypto } from './web-crypto.ts'

// A hash is made once and copied: its views cost more than hashing a token does.
const blank = sha256.create()
const spare = blank.clone()

/** `@noble/hashes`: the default on Node, Deno and Bun, where each call of Web Crypto costs a hop between threads. */
export const nobleCrypto: CryptoProvider = {
  sha256: (message) => blank._cloneInto(spare).update(message).digest(),
  hmac(key) {
    const keyed = hmac.create(sha256, key)
    const spare = keyed.clone()
    return (message) => keyed._cloneInto(spare).update(message).digest()
  },
  hkdf(secret, salt, info, length) {
    if (secret instanceof CryptoKey) return webCrypto.hkdf(secret, salt, info, length)
    return hkdf(sha256, secret, salt, info, length) as Bytes
  },
}

export { nobleCrypto as platformCrypto }
