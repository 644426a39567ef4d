import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

export interface User {
  readonly id: string
  readonly name: string
}

interface Password {
  readonly salt: Buffer
  readonly hash: Buffer
}

const users: readonly (User & Password)[] = [
  {
    id: 'ada',
    name: 'Ada',
    salt: bytes('WUZO645qOWehDF-wzDeA4A'),
    hash: bytes('iiZGTQYRdqRlOeahKg1mwYAyZ2uK3DSk-e5tZq7pBnY'),
  },
  {
    id: 'grace',
    name: 'Grace',
    salt: bytes('qzlvOlBKVOCGNE9kEA0xuQ'),
    hash: bytes('rzNhIOus02hzqerGCTJl3e3_c3WcS9jweKYeALT-oYg'),
  },
]

const nobody: Password = { salt: randomBytes(16), hash: randomBytes(32) }

export function nameOf(id: string): string {
  return users.find((user) => user.id === id)?.name ?? id
}

/** The user whose password this is. A shop with more than two would also slow down who guesses. */
export async function authenticate(id: string, password: string): Promise<User | null> {
  const user = users.find((user) => user.id === id)
  // An unknown name takes as long as a wrong password, and so does not show.
  const { salt, hash } = user ?? nobody
  const right = timingSafeEqual(await derive(password, salt), hash)
  return user && right ? user : null
}

// The OWASP Password Storage Cheat Sheet's setting for 16 MiB.
function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: 2 ** 14, r: 8, p: 5 }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'base64url')
}
