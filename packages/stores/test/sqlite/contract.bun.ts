import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from '@sojourn/core/testing'
import { type ConnectionDatabase, sqliteStore } from '@sojourn/stores/sqlite'

// Bun's types and Node's do not go together.
const name: string = 'bun:sqlite'
const { Database } = (await import(name)) as {
  Database: new (path: string) => ConnectionDatabase & { close(): void }
}

const folder = mkdtempSync(join(tmpdir(), 'sojourn-bun-'))
const powers = { list: true, sweep: true }
let files = 0
const open: Record<string, () => ConnectionDatabase> = {
  'in memory': () => new Database(':memory:'),
  'a file': () => new Database(join(folder, `${++files}.db`)),
}

const broken: string[] = []
let kept = 0
for (const [where, database] of Object.entries(open)) {
  const create: Parameters<typeof storeContract>[0] = ({ clock }) =>
    sqliteStore({ database: database(), clock })
  for (const { name, run } of storeContract(create, powers)) {
    await run().then(
      () => kept++,
      (error) => broken.push(`${where}: ${name}: ${error}`),
    )
  }
}
rmSync(folder, { recursive: true, force: true })
process.stdout.write(JSON.stringify({ kept, broken }))
