import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { expect, it } from 'vitest'

const worker = `
  import { createSessions, memoryStore } from '@sojourn/core'
  const sessions = createSessions({ store: memoryStore() })
  export default {
    async fetch(request) {
      const session = await sessions.open(request)
      session.set('cart', ['tea'])
      return sessions.commit(session, new Response(typeof process))
    },
  }`

it('the core runs in a Worker without any Node compatibility', async () => {
  const bundle = await build({
    stdin: { contents: worker, resolveDir: join(import.meta.dirname, '..') },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    conditions: ['sojourn-source', 'workerd'],
    write: false,
  })
  const workerd = new Miniflare({
    cf: false,
    workers: [
      {
        config: {
          name: 'plain',
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
  try {
    const response = await workerd.dispatchFetch('http://localhost/')
    expect(await response.text()).toBe('undefined')
    expect(response.headers.get('set-cookie')).toContain('HttpOnly')
  } finally {
    await workerd.dispose()
  }
})
