import { base64url } from './bytes.ts'

/** 24 bytes (192 bits) from the platform's CSPRNG as 32 base64url characters; ASVS 7.2.3 asks for 128 bits. */
export function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(24)))
}
