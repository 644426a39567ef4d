// A million sessions in one Redis and in one Postgres on this machine: writes the tables of docs/scale.md. `--quick`: some thousands, and only shows them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgres, redis } from './engines.ts'
import { replaceTables, tablesOf } from './page.ts'
import { type Counts, run, type Seen } from './run.ts'

const quick = process.argv.includes('--quick')
const counts: Counts = quick
  ? { few: 1000, many: 20_000, expired: 10_000 }
  : { few: 10_000, many: 1_000_000, expired: 500_000 }
const seen: Seen[] = []
for (const start of [redis, postgres]) {
  const engine = await start()
  try {
    seen.push(await run(engine, counts))
  } finally {
    await engine.end()
  }
}

const tables = tablesOf(seen, counts)
for (const table of Object.values(tables)) console.log(`\n${table}`)
if (!quick) {
  const page = join(import.meta.dirname, '../../../docs/scale.md')
  writeFileSync(page, replaceTables(readFileSync(page, 'utf8'), tables))
}
