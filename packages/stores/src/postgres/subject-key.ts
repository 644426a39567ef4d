import { keyOf } from '../key.ts'

// An entry of an index is refused from some 2700 bytes on.
const MOST_BYTES = 1024

/** A subject as its column holds it and no other subject is held: a long one as its hash, in a form that no short one has. */
export async function subjectKeyOf(subject: string): Promise<string> {
  const key = keyOf(subject)
  const bytes = new TextEncoder().encode(key)
  if (bytes.length <= MOST_BYTES) return key
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  // What begins with a quotation mark otherwise ends with one.
  return `"${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
