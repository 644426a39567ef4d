import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionRecord } from '@sojourn/core'
import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, startWorkerd } from '../../../tests/plain-worker.ts'
import { type Told, Unanswered } from './restart-clients.ts'
import { crowd, interrupt } from './restart-load.ts'

const ROUNDS = 3
// More than a plan is long.
const ANSWERS = 12
// Thousands of requests take a while on a busy machine.
const TIMEOUT = 180_000
const SUBJECTS = ['ada', 'grace', 'joan'] as const

describe('a workerd that is killed in the middle of work and starts again', () => {
  // Outlives the workerd, as a data centre’s disks do.
  const disk = mkdtempSync(join(tmpdir(), 'sojourn-restart-'))
  let contents = ''
  let workerd: Miniflare
  let origin: URL
  beforeAll(async () => {
    contents = await bundle(join(import.meta.dirname, 'restart.worker.ts'))
    await start()
  })
  afterAll(async () => {
    await workerd.dispose()
    rmSync(disk, { recursive: true, force: true })
  })

  async function start(): Promise<void> {
    const objects = { SESSIONS: 'SessionObject', SUBJECTS: 'SubjectObject' }
    workerd = startWorkerd({ contents, objects, kv: ['SESSIONS_KV'], disk })
    origin = await workerd.ready
  }

  function siteWith(store: string) {
    const site = () => new URL(`/${store}/`, origin)
    async function ask<T>(path: string, cookie = ''): Promise<T> {
      const response = await fetch(new URL(path, site()), { headers: { cookie } })
      expect(response.status).toBe(200)
      return (await response.json()) as T
    }
    return { site, ask }
  }

  /** Holds a session to what its clients were told; its record while it lives. */
  async function check(
    { ask }: ReturnType<typeof siteWith>,
    told: Told,
  ): Promise<SessionRecord | null> {
    const { id, acknowledged, attempted } = told
    const [kept, opened] = await Promise.all([
      ask<SessionRecord | null>(`kept/${id}`),
      ask<{ id: string | null }>('read', told.cookie),
    ])
    if (told.ended === 'asked' && !kept) told.ended = 'yes'
    if (told.ended === 'yes') {
      expect([kept, opened.id]).toEqual([null, null])
      expect(await ask(`revive/${id}`)).toEqual(['missing', false, false])
      return null
    }
    if (!kept) throw new Error(`Session ${id} is gone`)
    const { visits, ...notes } = kept.data
    expect(visits).toBeGreaterThanOrEqual(acknowledged.visits)
    expect(visits).toBeLessThanOrEqual(attempted.visits)
    expect([acknowledged.subject, attempted.subject]).toContain(kept.subject)
    for (const [key, value] of Object.entries(attempted.notes)) {
      expect([acknowledged.notes[key], value]).toContain(notes[key])
    }
    // The token is good, unless it was replaced by one that never arrived.
    if (kept.generation === told.generation) expect(opened.id).toBe(id)
    else expect(told.pending).toContain('sign-in')
    return kept
  }

  it.each([
    { store: 'objects', alone: 8, together: 4 },
    // Of two who write one session in KV at the same moment one loses.
    { store: 'kv', alone: 8, together: 0 },
  ])(
    'has lost nothing that was acknowledged, and revived nothing that was revoked: $store',
    async ({ store, ...numbers }) => {
      const place = siteWith(store)
      const { browsers, steps, sessions } = await crowd(place.site, SUBJECTS, numbers)
      for (let round = 0; round < ROUNDS; round++) {
        const interrupted = await interrupt(steps, ANSWERS, () => workerd.dispose())
        expect(interrupted).toBeGreaterThan(0)
        for (const browser of browsers) {
          const before = browser.cookies
          await expect(browser.get('visit')).rejects.toThrow(Unanswered)
          expect(browser.cookies).toEqual(before)
        }

        await start()
        const kept = await Promise.all([...sessions.values()].map((told) => check(place, told)))
        for (const subject of SUBJECTS) {
          const live = kept.flatMap((record) => (record?.subject === subject ? [record.id] : []))
          expect(await place.ask(`list/${subject}`)).toEqual(live.sort())
        }
      }
      const ended = [...sessions.values()].filter((told) => told.ended === 'yes')
      expect(ended.length).toBeGreaterThan(numbers.alone)
    },
    TIMEOUT,
  )
})
