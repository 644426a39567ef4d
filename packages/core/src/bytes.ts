const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const encoder = new TextEncoder()

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // Tokens never come here, and an encoder's memory is outside the engine's own.
    if (code > 127) return encoder.encode(text)
    bytes[i] = code
  }
  return bytes
}

/** RFC 4648 section 5, without padding. */
export function base64url(bytes: Uint8Array): string {
  const codes: number[] = []
  let bits = 0
  let width = 0
  for (const byte of bytes) {
    bits = ((bits & 63) << 8) | byte
    for (width += 8; width > 5; ) {
      width -= 6
      codes.push(ALPHABET.charCodeAt((bits >> width) & 63))
    }
  }
  if (width) codes.push(ALPHABET.charCodeAt((bits << (6 - width)) & 63))
  // At once: a text that grows by the letter is a tree, which the first look-up by it has to flatten.
  return String.fromCharCode(...codes)
}

/** Whether two texts are equal, in a time that depends on their lengths alone. */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
