import { memoryStore } from '@sojourn/core'
import type { SessionOptions } from '@sojourn/node/express-session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { count, site, visitor } from './kit.ts'

const safe = {
  secret: 's'.repeat(32),
  resave: false,
  saveUninitialized: false,
  store: memoryStore(),
}

describe('an option that is unsafe by nature', () => {
  const warnings: string[] = []
  // A module of its own for each test: it tells each of them once.
  async function fresh(): Promise<(options: SessionOptions) => never> {
    vi.resetModules()
    return (await import('@sojourn/node/express-session')).default as never
  }
  beforeEach(() => {
    warnings.length = 0
    vi.spyOn(process, 'emitWarning').mockImplementation(((
      text: string,
      { code }: { code: string },
    ) => {
      warnings.push(`${code}: ${text}`)
    }) as never)
  })
  afterEach(() => vi.restoreAllMocks())

  it.each([
    ['SOJOURN_RESAVE', { resave: true }, /set it to false/],
    ['SOJOURN_RESAVE', { resave: undefined }, /set it to false/],
    ['SOJOURN_SAVE_UNINITIALIZED', { saveUninitialized: true }, /set it to false/],
    ['SOJOURN_PROXY', { proxy: true }, /"trust proxy"/],
    ['SOJOURN_NAME', { name: '__Host-id' }, /browsers refuse/],
    ['SOJOURN_GENID', { genid: () => '1' }, /ids are random/],
    ['SOJOURN_SECRET', { secret: 'keyboard cat' }, /put a longer one first/],
  ])(
    'is taken with one warning that says what to do instead: %s %o',
    async (code, option, advice) => {
      const session = await fresh()
      session({ ...safe, ...option })
      session({ ...safe, ...option })
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(code)
      expect(warnings[0]).toMatch(advice)
    },
  )

  it('warns of a Secure cookie that cannot go out, instead of dropping it without a word', async () => {
    const session = await fresh()
    const url = await site(session({ ...safe, cookie: { secure: true } }), count)
    await visitor(url).get()
    expect(warnings).toEqual([expect.stringMatching(/SOJOURN_COOKIE.*plain HTTP/)])
  })

  it('is none of these', async () => {
    const session = await fresh()
    session({ ...safe, rolling: true, unset: 'destroy', name: 'id', proxy: false })
    expect(warnings).toEqual([])
  })

  it.each([[['', 's'.repeat(32)]], [['s'.repeat(32), '']]])(
    'is refused: an empty secret in %j',
    async (secret) => {
      const session = await fresh()
      expect(() => session({ ...safe, secret })).toThrow('"secret" holds an empty text')
    },
  )
})
