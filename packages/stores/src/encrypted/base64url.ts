const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]))

/** RFC 4648 section 5, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const group = (a << 16) | (b << 8) | c
    const characters = Math.min(bytes.length - at, 3) + 1
    for (let shift = 18; shift > 18 - 6 * characters; shift -= 6) {
      text += ALPHABET[(group >> shift) & 63]
    }
  }
  return text
}

/** The bytes; `null` for any text but the one that `toBase64url` makes of them. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let width = 0
  let length = 0
  for (const character of text) {
    const value = VALUES.get(character)
    if (value === undefined) return null
    bits = ((bits & 0xff) << 6) | value
    width += 6
    if (width >= 8) {
      width -= 8
      bytes[length++] = bits >> width
    }
  }
  // What is left over of the last character says nothing, and may not differ.
  const spare = bits & ((1 << width) - 1)
  return width === 6 || spare !== 0 ? null : bytes
}
