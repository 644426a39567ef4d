import { type CryptoProvider, createSessions, memoryStore } from '@sojourn/core'
import { recorded } from '@sojourn/core/testing'
import { webCrypto } from '@sojourn/core/web-crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'

const SECRET = 'a secret of the application, 32 bytes or more'

/** What one request costs that can be counted exactly. */
interface Spent {
  readonly store: readonly string[]
  readonly macs: number
  readonly hashes: number
  readonly draws: number
  readonly responses: number
  readonly headers: number
}

const NOTHING: Spent = { store: [], macs: 0, hashes: 0, draws: 0, responses: 0, headers: 0 }

function site() {
  const counts = { macs: 0, hashes: 0, draws: 0, responses: 0, headers: 0 }
  const crypto: CryptoProvider = {
    ...webCrypto,
    sha256(message) {
      counts.hashes++
      return webCrypto.sha256(message)
    },
    async hmac(key) {
      const mac = await webCrypto.hmac(key)
      return (message: Uint8Array<ArrayBuffer>) => {
        counts.macs++
        return mac(message)
      }
    },
  }
  const store = recorded(memoryStore())
  const sessions = createSessions<{ visits: number }>({ store, secret: SECRET, crypto })
  const draw = globalThis.crypto.getRandomValues.bind(globalThis.crypto)
  vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((bytes) => {
    counts.draws++
    return draw(bytes as Uint8Array<ArrayBuffer>) as typeof bytes
  })
  const { Response: Made, Headers: Kept } = globalThis
  vi.stubGlobal(
    'Response',
    class extends Made {
      constructor(...args: ConstructorParameters<typeof Made>) {
        super(...args)
        counts.responses++
      }
    },
  )
  vi.stubGlobal(
    'Headers',
    class extends Kept {
      constructor(...args: ConstructorParameters<typeof Kept>) {
        super(...args)
        counts.headers++
      }
    },
  )

  async function visit(
    cookie: string,
    act: (session: Awaited<ReturnType<typeof sessions.open>>) => unknown,
  ): Promise<{ spent: Spent; cookie: string }> {
    const request = { headers: { get: () => cookie } }
    const response = new Made('body')
    store.calls.splice(0)
    Object.assign(counts, { macs: 0, hashes: 0, draws: 0, responses: 0, headers: 0 })
    const session = await sessions.open(request)
    await act(session)
    const sent = await sessions.commit(session, response)
    const [set = ''] = sent.headers.getSetCookie()
    const calls = store.calls.splice(0).map(({ verb }) => verb)
    return { spent: { store: calls, ...counts }, cookie: set.split(';', 1)[0] ?? '' }
  }
  return visit
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('what a request may cost, so that it does not grow unseen', () => {
  it('without a cookie, and nothing set: nothing', async () => {
    const { spent } = await site()('', (session) => session.get('visits'))
    expect(spent).toEqual(NOTHING)
  })

  it('that makes a session: one draw, its name, a signature, one write, and a response with the cookie', async () => {
    const visit = site()
    await visit('', (session) => session.set('visits', 1))
    const { spent } = await visit('', (session) => session.set('visits', 1))
    expect(spent).toEqual({
      ...NOTHING,
      store: ['create'],
      draws: 1,
      hashes: 1,
      macs: 1,
      responses: 1,
    })
  })

  it('that reads: one signature, one name, one read, and the response as it is', async () => {
    const visit = site()
    const { cookie } = await visit('', (session) => session.set('visits', 1))
    const { spent } = await visit(cookie, (session) => session.get('visits'))
    expect(spent).toEqual({ ...NOTHING, store: ['read'], hashes: 1, macs: 1 })
  })

  it('that counts one up: the same, and one write', async () => {
    const visit = site()
    const { cookie } = await visit('', (session) => session.set('visits', 1))
    const { spent } = await visit(cookie, (session) => {
      session.update('visits', (visits = 0) => visits + 1)
    })
    expect(spent).toEqual({ ...NOTHING, store: ['read', 'update'], hashes: 1, macs: 1 })
  })

  it('with a forged cookie: one signature, and no store', async () => {
    const visit = site()
    const { cookie } = await visit('', (session) => session.set('visits', 1))
    const { spent } = await visit(`${cookie.slice(0, -4)}AAAA`, (session) => session.get('visits'))
    expect(spent).toEqual({ ...NOTHING, macs: 1 })
  })

  it('with a cookie that is none of ours: nothing', async () => {
    const { spent } = await site()('__Host-id=hello', (session) => session.get('visits'))
    expect(spent).toEqual(NOTHING)
  })
})
