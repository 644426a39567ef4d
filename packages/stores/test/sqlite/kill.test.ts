import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { shelf } from './databases.ts'

const ROUNDS = 12
const SUBJECTS = ['subject 0', 'subject 1', 'subject 2']

interface Line {
  readonly id: string
  /** `null`: deleted. */
  readonly version: number | null
  readonly done: boolean
}

const files = shelf()
afterAll(() => files.clear())

/** Lets a process write until it has been told so many times that it is done, and kills it while it goes on; all that it said. */
async function writeAndKill(path: string, acknowledged: number): Promise<Line[]> {
  const script = join(import.meta.dirname, 'writer.process.ts')
  const child = spawn(process.execPath, ['--conditions=sojourn-source', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const lines: Line[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    if (!text.endsWith('}')) continue
    const line: Line = JSON.parse(text)
    lines.push(line)
    if (lines.filter(({ done }) => done).length === acknowledged) child.kill('SIGKILL')
  }
  expect(await closed).toEqual([null, 'SIGKILL'])
  return lines
}

describe('a process that is killed while it writes', () => {
  it('leaves every write that it acknowledged, a file without damage, and no lock', async () => {
    const path = files.path()
    const versions = new Map<string, number | null>()
    let interrupted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await writeAndKill(path, 40 + round * 7)
      for (const { id, version, done } of lines) if (done) versions.set(id, version)
      // The write under way when the process died may have happened or not.
      const last = lines.at(-1)
      const pending = last && !last.done ? last : null
      if (pending) {
        interrupted++
        versions.set(pending.id, versions.get(pending.id) ?? null)
      }

      const database = files.keep(new DatabaseSync(path))
      const store = sqliteStore({ database })
      const kept = new Map<string, number>()
      for (const [id, version] of versions) {
        const record = await store.read(id)
        if (record) kept.set(id, record.version)
        const maybe = pending?.id === id ? [version, pending.version] : [version]
        expect(maybe, `session ${id}`).toContain(record?.version ?? null)
        versions.set(id, record?.version ?? null)
      }
      const listed = await Promise.all(
        SUBJECTS.map((subject) => store.list(subject, { limit: 1e6 })),
      )
      const ids = listed.flatMap(({ records }) => records.map(({ id }) => id))
      expect(ids.sort()).toEqual([...kept.keys()].sort())
      expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
      database.close()
    }
    expect(interrupted).toBeGreaterThan(0)
  })
})
