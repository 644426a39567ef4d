import { describe, expect, it } from 'vitest'
import { base64url, sameText, utf8 } from '../src/bytes.ts'
import { createSessions, memoryStore } from '../src/index.ts'
import { createKeyring, type Secret } from '../src/keyring.ts'
import { nobleCrypto } from '../src/noble-crypto.ts'
import { issueToken, sessionId, TOKEN_LENGTH, verifyToken } from '../src/token.ts'
import { webCrypto } from '../src/web-crypto.ts'
import { request, site } from './site.ts'

const SECRET = 'correct horse battery staple, 32+'
const RANDOM = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYX'
const PURPOSE = 'cookie/__Host-id'
const providers = [
  ['noble', nobleCrypto],
  ['Web Crypto', webCrypto],
] as const

function keyring(secrets: readonly Secret[], purpose = PURPOSE, provider = nobleCrypto) {
  return createKeyring(secrets, purpose, provider)
}

function hkdfKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveBits'])
}

// Computed apart from this code, with Python's hmac and hashlib.
describe.each(providers)('tokens by %s', (_, provider) => {
  it.each([
    [0, `${RANDOM}.0.oOTUGxCOd4mDUqDadMC6n73SLg4rEgRu-ytMO-KJfUc`],
    [1, `${RANDOM}.1.FX_TfMbEPcet-MRj0jHc-sJJ00-NDbFpRfakoR6h5jI`],
    [999_999_999, `${RANDOM}.999999999.5zK3KaSOGSDor1fTW_CP1mCuZ8JdH60JAeB-CTszXn8`],
  ])('are these bytes: generation %i', async (generation, vector) => {
    expect(await issueToken(keyring([SECRET], PURPOSE, provider), RANDOM, generation)).toBe(vector)
  })

  it('have an id that is the first 24 bytes of the SHA-256 of the random part', async () => {
    const id = await sessionId(keyring([SECRET], PURPOSE, provider), RANDOM)
    expect(id).toBe('v_yzzErpsb4YZGvkopAiMyhfCec-ZLiK')
  })

  it('verify under the same secret as text, as bytes and as a CryptoKey that cannot be extracted', async () => {
    const token = await issueToken(keyring([SECRET], PURPOSE, provider), RANDOM, 7)
    const claim = { random: RANDOM, generation: 7, outdatedSecret: false }
    for (const secret of [SECRET, utf8(SECRET), await hkdfKey(SECRET)]) {
      expect(await verifyToken(keyring([secret], PURPOSE, provider), token)).toEqual(claim)
    }
  })
})

describe('a token', () => {
  it('is accepted under every listed secret, and known for one of an older [C2, C5]', async () => {
    const older = await issueToken(keyring(['old '.repeat(8)]), RANDOM, 0)
    const ring = keyring(['new '.repeat(8), 'old '.repeat(8)])
    expect(await verifyToken(ring, older)).toMatchObject({ outdatedSecret: true })
    const newer = await issueToken(ring, RANDOM, 0)
    expect(await verifyToken(ring, newer)).toMatchObject({ outdatedSecret: false })
    expect(await verifyToken(keyring(['new '.repeat(8)]), newer)).toBeTypeOf('object')
    expect(await verifyToken(keyring(['new '.repeat(8)]), older)).toBe('forged')
  })

  it.each(['cookie/__Host-other', 'cookie/id', 'header/__Host-id', ''])(
    'is bound to its purpose: forged for "%s" [C8]',
    async (purpose) => {
      const token = await issueToken(keyring([SECRET]), RANDOM, 0)
      expect(await verifyToken(keyring([SECRET], purpose), token)).toBe('forged')
    },
  )

  it('says nothing that opens a session when the store leaks, nor when the secret does too', async () => {
    const { visit, sessions, events } = site()
    const { cookie } = await visit(null, (session) => session.signIn('ada', { method: 'test' }))
    const [leaked] = await sessions.list('ada')
    const random = cookie?.slice('__Host-id='.length, '__Host-id='.length + 32) ?? ''
    expect(JSON.stringify([leaked, events])).not.toContain(random)
    // Whoever has record and secret can sign, but what to sign is not there: the id is a hash of it.
    const forged = await issueToken(keyring([SECRET]), leaked?.id ?? '', leaked?.generation ?? 0)
    const session = await sessions.open(request(`__Host-id=${forged}`))
    expect(session.subject).toBeNull()
  })

  it('is refused with any one character changed, removed, added or swapped [C6]', async () => {
    const ring = keyring([SECRET])
    const token = await issueToken(ring, RANDOM, 12)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~ =%é\u0000'
    for (let at = 0; at <= token.length; at++) {
      const [head, tail] = [token.slice(0, at), token.slice(at)]
      const mutants = [head, head + tail.slice(1), tail]
      for (const letter of alphabet)
        mutants.push(head + letter + tail, head + letter + tail.slice(1))
      for (const mutant of mutants) {
        if (mutant === token) continue
        if (typeof (await verifyToken(ring, mutant)) === 'object') expect.fail(mutant)
      }
    }
  })

  it('has one spelling: the padding bits of its MAC cannot be played with', async () => {
    const ring = keyring([SECRET])
    const token = await issueToken(ring, RANDOM, 0)
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const spellings = [...letters].map((letter) => token.slice(0, -1) + letter)
    const claims = await Promise.all(spellings.map((spelling) => verifyToken(ring, spelling)))
    expect(claims.filter((claim) => typeof claim === 'object')).toHaveLength(1)
  })

  it(`is at most ${TOKEN_LENGTH} cookie-octets long [B7]`, async () => {
    const token = await issueToken(keyring([SECRET]), RANDOM, 999_999_999)
    expect(token).toHaveLength(TOKEN_LENGTH)
    expect(token).toMatch(/^[\w.-]+$/)
  })
})

describe('secrets', () => {
  it.each([
    ['31 bytes of text', 'x'.repeat(31)],
    ['an empty text', ''],
    ['31 bytes', new Uint8Array(31)],
    ['a number', 42 as unknown as string],
    ['32 numbers', Array(32).fill(1) as unknown as string],
    ['words of 16 bits', new Uint16Array(32) as unknown as Uint8Array],
    ['null', null as unknown as string],
  ])('are refused at construction: %s [C1]', (_, secret) => {
    expect(() => keyring([SECRET, secret])).toThrow(TypeError)
    expect(() => keyring([SECRET, secret])).toThrow(/"secret\[1\]"/)
  })

  it('count text as its UTF-8 bytes [C11]', () => {
    expect(() => keyring(['é'.repeat(16)])).not.toThrow()
    expect(() => keyring(['é'.repeat(15)])).toThrow(/32 bytes/)
  })

  it('do not stand in the error that refuses them or their list', () => {
    expect(() => keyring(['hunter2'])).not.toThrow(/hunter2/)
    for (const secret of [
      [undefined as unknown as string, SECRET],
      [SECRET, 'hunter2'],
    ]) {
      const construct = () => createSessions({ store: memoryStore(), secret })
      expect(construct).toThrow(/"secret/)
      expect(construct).not.toThrow(new RegExp(`${SECRET.slice(0, 10)}|hunter2`))
    }
  })

  it('are kept as they were, whatever becomes of the bytes they were given in', async () => {
    // As Node's Buffer, whose own slice shares its bytes.
    class Shared extends Uint8Array<ArrayBuffer> {
      override slice(): Shared {
        return this
      }
    }
    const token = await issueToken(keyring([SECRET]), RANDOM, 0)
    for (const bytes of [utf8(SECRET), Shared.from(utf8(SECRET)) as Shared]) {
      const ring = keyring([bytes])
      bytes.fill(0)
      expect(await verifyToken(ring, token)).toBeTypeOf('object')
    }
  })

  it('that are a CryptoKey for something else are refused', async () => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', utf8(SECRET), algorithm, false, ['sign'])
    expect(() => keyring([key])).toThrow(/"secret\[0\]" must be at least 32 bytes or an HKDF key/)
  })

  it('sign nobody out while they are listed: a live token is issued again under the newest [C3]', async () => {
    const [older, newer] = ['old '.repeat(8), 'new '.repeat(8)]
    const before = site({ secret: older })
    const { cookie } = await before.visit(null, (session) => session.set('cart', ['lamp']))
    const { store, clock } = before
    const between = site({ secret: [newer, older], store, clock })
    const { cookie: renewed } = await between.visit(cookie, (session) => {
      expect(session.get('cart')).toEqual(['lamp'])
    })
    expect(renewed).not.toBe(cookie)
    expect((await between.visit(renewed)).setCookies).toEqual([])
    const after = site({ secret: newer, store, clock })
    await after.visit(renewed, (session) => expect(session.get('cart')).toEqual(['lamp']))
    after.calls()
    await after.visit(cookie, (session) => expect(session.data).toEqual({}))
    expect(after.calls(), 'the store is not asked [C4]').toEqual([])
  })
})

describe('comparison', () => {
  it('tells equal texts from unequal ones of any length, without throwing [C9]', () => {
    expect(sameText('abc', 'abc')).toBe(true)
    expect(sameText('', '')).toBe(true)
    for (const other of ['', 'a', 'ab', 'abd', 'Abc', 'abcd', 'abcabc']) {
      expect(sameText('abc', other)).toBe(false)
      expect(sameText(other, 'abc')).toBe(false)
    }
  })

  it('reads every character, whichever differs', () => {
    const read = (at: number): number => {
      let count = 0
      const good = 'a'.repeat(43)
      const letter = (differs: boolean): number => {
        count++
        return differs ? 98 : 97
      }
      const bad = { length: 43, charCodeAt: (i: number) => letter(i === at) }
      expect(sameText(bad as unknown as string, good)).toBe(false)
      return count
    }
    expect([read(0), read(21), read(42)]).toEqual([43, 43, 43])
  })
})

describe('base64url', () => {
  // RFC 4648 section 10, without its padding.
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('writes "%s" as RFC 4648 does', (text, encoded) => {
    expect(base64url(utf8(text))).toBe(encoded)
  })

  it('writes every byte', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => 255 - i)
    const url = btoa(String.fromCharCode(...bytes))
      .replace(/[+]/g, '-')
      .replace(/[/]/g, '_')
    expect(base64url(bytes)).toBe(url.replace(/=/g, ''))
  })
})
