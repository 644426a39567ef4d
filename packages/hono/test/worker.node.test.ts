import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

describe('a Worker, without Node compatibility', () => {
  let workerd: Miniflare
  beforeAll(async () => {
    const bundle = await build({
      entryPoints: [join(import.meta.dirname, 'fixture.worker.ts')],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      conditions: ['sojourn-source', 'workerd'],
      write: false,
    })
    workerd = new Miniflare({
      cf: false,
      workers: [
        {
          config: {
            name: 'sessions',
            compatibilityDate: '2026-07-01',
            manifest: {
              mainModule: 'worker.mjs',
              modules: {
                'worker.mjs': { type: 'esm', contents: bundle.outputFiles[0]?.text ?? '' },
              },
            },
          },
        },
      ],
    })
  })
  afterAll(() => workerd.dispose())

  async function visit(method: string, path: string, cookie = '') {
    const init = { method, headers: { cookie } }
    const response = await workerd.dispatchFetch(`http://localhost${path}`, init)
    const [line = ''] = response.headers.getSetCookie()
    return { text: await response.text(), cookie: line.split(';')[0] }
  }

  it('makes sessions and middleware at global scope, where Workers forbid I/O', async () => {
    expect(await visit('GET', '/visits')).toEqual({ text: '0', cookie: '' })
  })

  it('keeps a session from one request’s context to the next', async () => {
    const first = await visit('POST', '/visits')
    expect(first.text).toBe('1')
    const second = await visit('POST', '/visits', first.cookie)
    expect(second).toEqual({ text: '2', cookie: '' })
    const all = await Promise.all(
      Array.from({ length: 20 }, () => visit('POST', '/visits', first.cookie)),
    )
    expect(all.every(({ cookie }) => cookie === '')).toBe(true)
    expect((await visit('GET', '/visits', first.cookie)).text).toBe('22')
  })

  it('leaves touches to the waitUntil of the request’s own context [H21]', async () => {
    const { cookie } = await visit('POST', '/visits')
    const before = Number((await visit('GET', '/deferred')).text)
    await visit('POST', '/ten-minutes-later')
    expect((await visit('GET', '/visits', cookie)).text).toBe('1')
    expect((await visit('GET', '/visits', cookie)).text).toBe('1')
    expect(Number((await visit('GET', '/deferred')).text)).toBe(before + 1)
  })
})
