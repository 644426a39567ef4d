import type { CryptoProvider } from './provider.ts'

const SHA_256 = 'SHA-256'

/** The platform's Web Crypto: the default on Workers and in browsers, where it is native and near. */
export const webCrypto: CryptoProvider = {
  async sha256(message) {
    return new Uint8Array(await crypto.subtle.digest(SHA_256, message))
  },
  async hmac(key) {
    const algorithm = { name: 'HMAC', hash: SHA_256 }
    const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
    return async (message) => new Uint8Array(await crypto.subtle.sign('HMAC', imported, message))
  },
  async hkdf(secret, salt, info, length) {
    const { subtle } = crypto
    const key =
      secret instanceof CryptoKey
        ? secret
        : await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
    const algorithm = { name: 'HKDF', hash: SHA_256, salt, info }
    return new Uint8Array(await subtle.deriveBits(algorithm, key, length * 8))
  },
}

export { webCrypto as platformCrypto }
