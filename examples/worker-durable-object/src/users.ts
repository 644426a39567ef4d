export interface User {
  readonly id: string
  readonly name: string
}

interface Password {
  readonly salt: string
  readonly hash: string
}

const users: readonly (User & Password)[] = [
  {
    id: 'ada',
    name: 'Ada',
    salt: '4zQ+2IdN8s8W0gFwXja13w==',
    hash: 'QiSp/UHfphqau+LJE4VSYCCgnOM6CmK2kC4dTHC+AA4=',
  },
  {
    id: 'grace',
    name: 'Grace',
    salt: 'M0onVEw0RU6Dzg2ms/ANvg==',
    hash: 'VeoHy2tt2WnS9hO6IjOOdxqigdNtZ/Ng4heuWv5nh7U=',
  },
]

// What no password gives.
const nobody: Password = { salt: btoa('\0'.repeat(16)), hash: btoa('\0'.repeat(32)) }

export function nameOf(id: string): string {
  return users.find((user) => user.id === id)?.name ?? id
}

/** The user whose password this is. A site with more than two would also slow down who guesses. */
export async function authenticate(id: string, password: string): Promise<User | null> {
  const user = users.find((user) => user.id === id)
  // An unknown name takes as long as a wrong password, and so does not show.
  const { salt, hash } = user ?? nobody
  const right = crypto.subtle.timingSafeEqual(await derive(password, bytes(salt)), bytes(hash))
  return user && right ? user : null
}

// Workers allow no more iterations than these. OWASP asks for six times as many: where accounts
// matter, use passkeys or a sign-in provider.
async function derive(password: string, salt: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const text = new TextEncoder().encode(password)
  const key = await crypto.subtle.importKey('raw', text, 'PBKDF2', false, ['deriveBits'])
  return crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 100_000 },
    key,
    256,
  )
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
