import { describe, expect, it } from 'vitest'
import { createSessions, memoryStore } from '../src/index.ts'
import { nobleCrypto } from '../src/noble-crypto.ts'
import type { Bytes } from '../src/provider.ts'
import { webCrypto } from '../src/web-crypto.ts'
import { request } from './site.ts'

const providers = [
  ['noble', nobleCrypto],
  ['Web Crypto', webCrypto],
] as const

function hex(text: string): Bytes {
  return Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (byte) =>
    Number.parseInt(byte, 16),
  )
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const repeat = (byte: string, times: number): Bytes => hex(byte.repeat(times))

// RFC 4231 section 4, HMAC-SHA-256.
const HMAC_VECTORS: readonly [string, Bytes, Bytes, string][] = [
  [
    '1',
    repeat('0b', 20),
    hex('4869205468657265'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '2',
    hex('4a656665'),
    hex('7768617420646f2079612077616e7420666f72206e6f7468696e673f'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '3',
    repeat('aa', 20),
    repeat('dd', 50),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  ],
  [
    '4',
    hex('0102030405060708090a0b0c0d0e0f10111213141516171819'),
    repeat('cd', 50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
  [
    '6',
    repeat('aa', 131),
    hex(
      '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    ),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    '7',
    repeat('aa', 131),
    hex(
      '5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e',
    ),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
]

const ascending = (from: number, to: number): Bytes =>
  Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)

// RFC 5869 appendix A, SHA-256.
const HKDF_VECTORS: readonly [string, Bytes, Bytes, Bytes, number, string][] = [
  [
    'A.1',
    repeat('0b', 22),
    ascending(0, 0x0c),
    ascending(0xf0, 0xf9),
    42,
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    'A.2',
    ascending(0, 0x4f),
    ascending(0x60, 0xaf),
    ascending(0xb0, 0xff),
    82,
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  [
    'A.3',
    repeat('0b', 22),
    hex(''),
    hex(''),
    42,
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  ],
]

describe.each(providers)('%s', (_, provider) => {
  it.each(HMAC_VECTORS)('computes HMAC-SHA-256 of RFC 4231, case %s', async (_, key, data, mac) => {
    const keyed = await provider.hmac(key)
    expect(toHex(await keyed(data))).toBe(mac)
    expect(toHex(await keyed(data)), 'and again with the same key').toBe(mac)
  })

  it.each(HKDF_VECTORS)(
    'computes HKDF-SHA-256 of RFC 5869, %s',
    async (_, secret, salt, info, length, okm) => {
      expect(toHex(await provider.hkdf(secret, salt, info, length))).toBe(okm)
    },
  )

  it('computes SHA-256 of FIPS 180-4', async () => {
    const digest = await provider.sha256(new TextEncoder().encode('abc'))
    expect(toHex(digest)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

describe('both providers', () => {
  it('give the same bytes for messages and keys of every length', async () => {
    for (let length = 1; length < 140; length += 3) {
      const bytes = crypto.getRandomValues(new Uint8Array(length))
      const [one, two] = await Promise.all(
        [nobleCrypto, webCrypto].map(async (provider) => {
          const mac = await provider.hmac(bytes)
          return toHex(await mac(bytes)) + toHex(await provider.sha256(bytes))
        }),
      )
      expect(one).toBe(two)
    }
  })

  it('open each other’s sessions: the choice is overridden at construction', async () => {
    const secret = 'a secret of the application, 32 bytes or more'
    const store = memoryStore()
    const noble = createSessions({ secret, store, crypto: nobleCrypto })
    const web = createSessions({ secret, store, crypto: webCrypto })
    const usual = createSessions({ secret, store })
    const session = await noble.open(request(null))
    const response = await noble.commit(session.set('a', 1), new Response())
    const [cookie = ''] = response.headers.getSetCookie()[0]?.split(';') ?? []
    for (const sessions of [noble, web, usual]) {
      expect((await sessions.open(request(cookie))).get('a')).toBe(1)
    }
  })

  it('is asked once in noble for many interleaved messages without mixing them up', async () => {
    const mac = await nobleCrypto.hmac(new Uint8Array(32))
    const other = await nobleCrypto.hmac(new Uint8Array(32).fill(1))
    const messages = Array.from({ length: 200 }, (_, i) => new TextEncoder().encode(`message ${i}`))
    const first = messages.map((message) => toHex(mac(message) as Uint8Array))
    const again = messages.map((message) => {
      other(message)
      return toHex(mac(message) as Uint8Array)
    })
    expect(again).toEqual(first)
    expect(new Set(first).size).toBe(200)
  })
})
