import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Answer {
  readonly visits: number
  readonly subject: string | null
  readonly id: string | null
}

// A scratch folder outlives the first workerd, as a data centre’s disks do.
describe('a workerd that ends in the middle of work and starts again, without Node compatibility', () => {
  const disk = mkdtempSync(join(tmpdir(), 'sojourn-restart-'))
  let contents = ''
  let workerd: Miniflare
  beforeAll(async () => {
    const bundle = await build({
      entryPoints: [join(import.meta.dirname, 'restart.worker.ts')],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      conditions: ['sojourn-source', 'workerd'],
      external: ['cloudflare:*'],
      write: false,
    })
    contents = bundle.outputFiles[0]?.text ?? ''
    workerd = start()
  })
  afterAll(async () => {
    await workerd.dispose()
    rmSync(disk, { recursive: true, force: true })
  })

  function start(): Miniflare {
    const object = { type: 'durable-object', storage: 'sqlite' } as const
    const bound = (exportName: string) =>
      ({ type: 'durable-object', worker: 'sessions', exportName }) as const
    return new Miniflare({
      cf: false,
      resourcePersistencePath: disk,
      workers: [
        {
          config: {
            name: 'sessions',
            compatibilityDate: '2026-07-01',
            env: { SESSIONS: bound('SessionObject'), SUBJECTS: bound('SubjectObject') },
            exports: { SessionObject: object, SubjectObject: object },
            manifest: {
              mainModule: 'worker.mjs',
              modules: { 'worker.mjs': { type: 'esm', contents } },
            },
          },
        },
      ],
    })
  }

  async function ask(path: string, cookie = ''): Promise<Answer & { cookie: string }> {
    const response = await workerd.dispatchFetch(`http://localhost/${path}`, {
      headers: { cookie },
    })
    if (!response.ok) throw new Error(await response.text())
    const [line] = response.headers.getSetCookie()
    return { ...((await response.json()) as Answer), cookie: line?.split(';')[0] ?? cookie }
  }

  it('has lost nothing that it acknowledged, and revived nothing that it revoked', async () => {
    const clients = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => ({
        ...(await ask(`sign-in/subject-${index % 3}`)),
        acknowledged: 0,
      })),
    )
    const revoked = await Promise.all([0, 1, 2].map((index) => ask(`sign-in/subject-${index}`)))
    for (const { cookie } of revoked) await ask('revoke', cookie)

    let running = true
    const work = clients.map(async (client) => {
      while (running) {
        const answer = await ask('visit', client.cookie).catch(() => null)
        if (!answer) return
        client.acknowledged = Math.max(client.acknowledged, answer.visits)
      }
    })
    await expect.poll(() => Math.min(...clients.map((one) => one.acknowledged))).toBeGreaterThan(5)
    const ending = workerd.dispose()
    running = false
    await ending
    await Promise.all(work)
    workerd = start()

    for (const [index, client] of clients.entries()) {
      const { visits, subject } = await ask('read', client.cookie)
      expect(visits).toBeGreaterThanOrEqual(client.acknowledged)
      expect(subject).toBe(`subject-${index % 3}`)
    }
    for (const { cookie } of revoked) expect((await ask('read', cookie)).subject).toBeNull()
    for (const group of [0, 1, 2]) {
      const listed = await workerd.dispatchFetch(`http://localhost/list/subject-${group}`)
      const ids = clients.filter((_, index) => index % 3 === group).map(({ id }) => id)
      expect(await listed.json()).toEqual(ids.sort())
    }
  })
})
