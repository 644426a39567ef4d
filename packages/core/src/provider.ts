/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>

export type Bytes = Uint8Array<ArrayBuffer>

/** HMAC-SHA-256 (RFC 2104) under one key. */
export type Mac = (message: Bytes) => Awaitable<Uint8Array>

/** Code for the three primitives. Every provider gives the same bytes. */
export interface CryptoProvider {
  /** SHA-256 (FIPS 180-4). */
  sha256(message: Bytes): Awaitable<Uint8Array>
  /** HMAC-SHA-256 under a key. */
  hmac(key: Bytes): Awaitable<Mac>
  /** HKDF-SHA-256 (RFC 5869); a `CryptoKey` needs the algorithm HKDF and the usage `deriveBits`, and need not be extractable. */
  hkdf(secret: Bytes | CryptoKey, salt: Bytes, info: Bytes, length: number): Awaitable<Bytes>
}

/** Goes on with a value, at once where it is there: a turn of the queue costs as much as a hash. */
export function chain<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  const later = value as Promise<T>
  return later.then ? later.then(next) : next(value as T)
}
