import { describe, expect, it } from 'vitest'
import { createKeyring } from '../src/keyring.ts'
import { nobleCrypto } from '../src/noble-crypto.ts'
import { issueToken, verifyToken } from '../src/token.ts'
import { SECRET } from './site.ts'

const ring = createKeyring([SECRET], 'cookie/__Host-id', nobleCrypto)

describe('a million mutated tokens', () => {
  // Every way to change one character of a valid token, and then random ones, until a million were tried.
  it('are refused, every one', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
    let state = 1
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const tokens = await Promise.all(
      Array.from({ length: 64 }, (_, i) => issueToken(ring, `${i}`.padStart(32, 'R'), i)),
    )
    const valid = new Set(tokens)
    let tried = 0
    for (let round = 0; tried < 1_000_000; round++) {
      const token = tokens[round % tokens.length] as string
      let mutant = token
      for (let edits = 1 + random(3); edits > 0; edits--) {
        const at = random(mutant.length + 1)
        const letter = alphabet[random(alphabet.length)]
        const cut = random(3)
        mutant = mutant.slice(0, at) + (cut === 2 ? '' : letter) + mutant.slice(at + (cut ? 1 : 0))
      }
      if (valid.has(mutant)) continue
      tried++
      if (typeof (await verifyToken(ring, mutant)) === 'object') expect.fail(mutant)
    }
    expect(tried).toBe(1_000_000)
  }, 120_000)
})
