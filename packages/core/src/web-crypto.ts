import type { Bytes, CryptoProvider } from './provider.ts'

const SHA_256 = 'SHA-256'

/** The platform's Web Crypto: the default on Workers and in browsers, where it is native and near. */
export const webCrypto: CryptoProvider = {
  sha256: (message) => bytesOf(crypto.subtle.digest(SHA_256, message)),
  async hmac(key) {
    const algorithm = { name: 'HMAC', hash: SHA_256 }
    const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
    return (message) => bytesOf(crypto.subtle.sign('HMAC', imported, message))
  },
  async hkdf(secret, salt, info, length) {
    const algorithm = { name: 'HKDF', hash: SHA_256, salt, info }
    const key =
      secret instanceof CryptoKey
        ? secret
        : await crypto.subtle.importKey('raw', secret, algorithm, false, ['deriveBits'])
    return bytesOf(crypto.subtle.deriveBits(algorithm, key, length * 8))
  },
}

async function bytesOf(buffer: Promise<ArrayBuffer>): Promise<Bytes> {
  return new Uint8Array(await buffer)
}

export { webCrypto as platformCrypto }
