import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { sample } from '../kit/records.ts'

// Writes sessions until it is killed. Before each write it says which it is about to do, and after it that it is done.
const [path = ''] = process.argv.slice(2)
const store = sqliteStore({ database: new DatabaseSync(path) })
const day = 86_400_000

async function write(id: string, version: number | null, go: () => unknown): Promise<void> {
  writeSync(1, `${JSON.stringify({ id, version, done: false })}\n`)
  await go()
  writeSync(1, `${JSON.stringify({ id, version, done: true })}\n`)
}

for (let turn = 0; ; turn++) {
  const now = Date.now()
  const first = sample(now, {
    subject: `subject ${turn % 3}`,
    data: { text: 'x'.repeat(turn % 5000) },
  })
  const { id } = first
  await write(id, 1, () => store.create(first, now + day))
  for (let version = 2; version <= 2 + (turn % 4); version++) {
    await write(id, version, () => store.update({ ...first, version }, now + day))
  }
  if (turn % 3 === 0) await write(id, null, () => store.delete(id))
}
