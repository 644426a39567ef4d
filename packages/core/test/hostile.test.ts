import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring } from '../src/keyring.ts'
import { nobleCrypto } from '../src/noble-crypto.ts'
import { issueToken } from '../src/token.ts'
import { request, SECRET, site } from './site.ts'

const ring = createKeyring([SECRET], 'cookie/__Host-id', nobleCrypto)

describe('hostile requests', () => {
  it('with any Cookie header open an anonymous session, ask no store and throw nothing', async () => {
    const { sessions, calls } = site()
    const token = await issueToken(ring, 'A'.repeat(32), 3)
    const piece = fc.oneof(
      fc.constantFrom(
        '__Host-id=',
        '__Host-id',
        ';',
        '=',
        ' ',
        '\t',
        '.',
        '"',
        ',',
        token.slice(1),
      ),
      fc.constantFrom('A'.repeat(32), 'A'.repeat(43), '0', '1e9', '-1', '__proto__', '%00'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    const header = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(header, async (cookie) => {
        const session = await sessions.open({ headers: { get: () => cookie } })
        expect([session.id, session.subject, session.data]).toEqual([null, null, {}])
        const response = await sessions.commit(session, new Response('ok'))
        expect(response.headers.getSetCookie()).toEqual([])
      }),
      { numRuns: 3000 },
    )
    expect(calls()).toEqual([])
  })

  it.each([
    ['one cookie of a megabyte', `__Host-id=${'A'.repeat(1e6)}`],
    ['ten thousand cookies of the name', '__Host-id=A.0.B; '.repeat(10_000)],
    [
      'ten thousand well-formed forgeries',
      `__Host-id=${'A'.repeat(32)}.0.${'A'.repeat(43)}; `.repeat(10_000),
    ],
    ['ten thousand other cookies', 'a=b; '.repeat(10_000)],
  ])('cost a bounded number of MACs and no store call: %s [J5]', async (_, cookie) => {
    let macs = 0
    const { sessions, calls } = site({
      crypto: {
        ...nobleCrypto,
        async hmac(key) {
          const mac = await nobleCrypto.hmac(key)
          return (message) => {
            macs++
            return mac(message)
          }
        },
      },
    })
    const session = await sessions.open(request(cookie))
    expect(session.id).toBeNull()
    expect(macs).toBeLessThanOrEqual(4)
    expect(calls()).toEqual([])
  })

  it('with two cookies of the name: the first that is ours counts, the other is neither read nor changed [B24]', async () => {
    const { sessions, visit, calls } = site()
    const { cookie: mine } = await visit(null, (session) => session.set('mine', 1))
    const { cookie: other } = await visit(null, (session) => session.set('other', 1))
    calls()
    const both = await sessions.open(request(`__Host-id=junk; ${mine}; ${other}`))
    expect(both.data).toEqual({ mine: 1 })
    expect(calls()).toEqual(['read'])
  })
})
