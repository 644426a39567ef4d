import { join } from 'node:path'
import type { Miniflare } from 'miniflare'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { bundle, startWorkerd } from './plain-worker.ts'

describe('a Worker that makes its stores, sessions and middleware at global scope', () => {
  let workerd: Miniflare
  let usedAtStart: unknown
  beforeAll(async () => {
    workerd = startWorkerd({
      contents: await bundle(join(import.meta.dirname, 'global-scope.worker.ts')),
      objects: { SESSIONS: 'SessionObject', SUBJECTS: 'SubjectObject' },
      kv: ['SESSIONS_KV'],
    })
    usedAtStart = await used()
  })
  afterAll(() => workerd.dispose())

  async function used(): Promise<unknown> {
    return (await workerd.dispatchFetch('http://localhost/used')).json()
  }

  const stores = ['objects', 'kv', 'cached', 'memory']
  it.each(stores.flatMap((store) => [`${store}/core`, `${store}/hono`]))(
    'starts without any Node compatibility, and keeps sessions: %s',
    async (path) => {
      const visit = (cookie: string) =>
        workerd.dispatchFetch(`http://localhost/${path}`, { headers: { cookie } })
      const first = await visit('')
      const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const second = await visit(cookie)
      expect([await first.text(), await second.text()]).toEqual(['1', '2'])
      expect(second.headers.getSetCookie()).toEqual([])
    },
  )

  it('uses nothing of Web Crypto until the first request that needs it', async () => {
    await workerd.dispatchFetch('http://localhost/objects/core')
    expect(usedAtStart).toEqual([])
    expect(await used()).toEqual(expect.arrayContaining(['getRandomValues', 'importKey', 'sign']))
  })
})

describe('workerd refuses to start', () => {
  // It says so there too.
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
  afterEach(() => void vi.restoreAllMocks())

  it.each([
    ['random values', 'crypto.getRandomValues(new Uint8Array(1))'],
    ['a store’s secret', 'memoryStore().secret()'],
  ])('a Worker that draws %s at global scope', async (_, expression) => {
    const code = `
      import { memoryStore } from '@sojourn/core'
      const drawn = [memoryStore, ${expression}]
      export default { fetch: () => new Response(drawn.length) }`
    const workerd = startWorkerd({ contents: await bundle({ code, from: import.meta.dirname }) })
    await expect(workerd.ready).rejects.toThrow('Disallowed operation called within global scope')
    await workerd.dispose().catch(() => {})
  })
})
