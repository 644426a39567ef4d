/** Where the parts of one session are. */
export interface SessionKeys {
  readonly record: string
  readonly touch: string
  readonly replaced: string
  readonly ended: string
}

/** How the store names its keys: lower case and short, since a file system may tell no case apart and take 255 bytes a name. */
export interface Keys {
  /** What all of them begin with. */
  readonly base: string
  /** Of no session, and the last in the alphabet: a driver that lists only so many keys lacks it first. */
  readonly probe: string
  of(id: string): SessionKeys
  /** Where the sessions of a subject are named. */
  subject(subject: string): Promise<string>
  entry(subject: string, id: string): Promise<string>
}

/** A key that a listing gave. */
export interface KnownKey {
  readonly kind: string
  readonly id: string
}

/**
 * The keys under a prefix.
 *
 * @throws {TypeError} naming the option.
 */
export function keysUnder(prefix: string): Keys {
  // Whatever else unstorage would change, or a driver take for a pattern.
  if (typeof prefix !== 'string' || !/^[\w-]+(:[\w-]+)*$/.test(prefix) || prefix.length > 100) {
    const got = typeof prefix === 'string' ? JSON.stringify(prefix) : typeof prefix
    throw new TypeError(
      `"prefix" must be at most 100 of A-Z a-z 0-9 _ - with single colons between, got ${got}`,
    )
  }
  const subjectKey = async (subject: string) => `${prefix}:subject:${await digest(subject)}`
  return {
    base: prefix,
    probe: `${prefix}:zz-listing`,
    of(id) {
      const name = hexOf(id)
      return {
        record: `${prefix}:record:${name}`,
        touch: `${prefix}:touch:${name}`,
        replaced: `${prefix}:replaced:${name}`,
        ended: `${prefix}:ended:${name}`,
      }
    },
    subject: subjectKey,
    entry: async (subject, id) => `${await subjectKey(subject)}:${hexOf(id)}`,
  }
}

// Nothing else: another store's prefix may begin with this one's.
const KNOWN = /^(record|touch|replaced|ended|subject):(?:[0-9a-f]{64}:)?([0-9a-f]{48})$/

/** What a key under the prefix is of; `null`: of no session. */
export function known(base: string, key: string): KnownKey | null {
  const [, kind, name] = KNOWN.exec(key.slice(base.length + 1)) ?? []
  return kind && name ? { kind, id: idOf(name) } : null
}

/** Whether a text has the form of a session id: 24 bytes in base64url. */
export function isId(id: string): boolean {
  return /^[\w-]{32}$/.test(id)
}

function hexOf(id: string): string {
  if (!isId(id)) throw new TypeError(`"${id}" is no session id`)
  return hex(atob(id.replaceAll('-', '+').replaceAll('_', '/')))
}

function idOf(name: string): string {
  const bytes = name.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_')
}

async function digest(subject: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', utf16(subject))
  return hex(String.fromCharCode(...new Uint8Array(bytes)))
}

// Half a character has no UTF-8, and its subject would be taken for another.
function utf16(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2)
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    bytes[2 * at] = unit >> 8
    bytes[2 * at + 1] = unit & 255
  }
  return bytes
}

function hex(bytes: string): string {
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
