import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** A session's names before it is stored. */
export interface Minted {
  readonly id: string
  /** What the client holds. */
  readonly token: string
}

export interface Mint {
  /** The names that belong to a random part, a new one unless given, in a generation. */
  (random?: string, generation?: number): Minted
  /** A random part that follows from a text, and that nobody without the secret can find. */
  follow(text: string): string
}

/** Makes tokens at once, where the core makes them with the first write: `req.sessionID` is read before. */
export function createMint(secret: Uint8Array, purpose: string): Mint {
  const macKey = keyOf(secret, `sojourn/1/mac/${purpose}`)
  const upgradeKey = keyOf(secret, `sojourn/1/express-session/${purpose}`)
  function mint(random = randomBytes(24).toString('base64url'), generation = 0): Minted {
    const id = createHash('sha256').update(random).digest().subarray(0, 24).toString('base64url')
    return {
      id,
      get token() {
        const signed = `${random}.${generation}`
        return `${signed}.${createHmac('sha256', macKey).update(signed).digest('base64url')}`
      },
    }
  }
  return Object.assign(mint, {
    follow: (text: string) =>
      createHmac('sha256', upgradeKey).update(text).digest().subarray(0, 24).toString('base64url'),
  })
}

function keyOf(secret: Uint8Array, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(32), info, 32))
}
