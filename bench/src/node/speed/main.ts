// Requests per second of node:http and of Express, bare, with Sojourn and with express-session: writes the table of docs/speed-node.md. Ends with 1
// where express-session is the faster. `--quick`: short turns, and only shows it. Names of frameworks: only these, and only shows it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'redis'
import { redisServer } from '../../../../packages/stores/test/kit/redis-server.ts'
import { replaceTables } from '../../scale/page.ts'
import { measure, type Series } from './measure.ts'
import { rowsOf, tableOf } from './page.ts'
import { client, pin, type Subject, subject } from './processes.ts'
import { FRAMEWORKS, type Framework, STORES } from './servers.ts'

const quick = process.argv.includes('--quick')
const [rounds, seconds] = quick ? [3, 0.4] : [15, 0.8]
const asked = process.argv.slice(2).filter((name) => !name.startsWith('--')) as Framework[]
const frameworks = asked.length ? asked : FRAMEWORKS

async function subjectsOf(framework: Framework, url: string): Promise<Subject[]> {
  return Promise.all([
    subject(framework, 'bare', null, url),
    ...STORES.flatMap((store) => [
      subject(framework, 'Sojourn', store, url),
      subject(framework, 'express-session', store, url),
    ]),
  ])
}

async function pidOf(url: string): Promise<number> {
  const connection = await createClient({ url }).connect()
  const info = await connection.info('server')
  connection.destroy()
  return Number(/process_id:(\d+)/.exec(info)?.[1])
}

const redis = await redisServer()
pin(await pidOf(redis.url), 'redis')
const asking = client()
const series: Series[] = []
try {
  for (const framework of frameworks) {
    const subjects = await subjectsOf(framework, redis.url)
    try {
      series.push(...(await measure(asking, subjects, rounds, seconds)))
    } finally {
      await Promise.all(subjects.map((it) => it.end()))
    }
  }
} finally {
  await asking.end()
  await redis.clear()
}

const rows = rowsOf(series)
const table = tableOf(rows)
console.log(table)
const lost = rows.filter(({ advantage }) => advantage <= 1)
for (const { framework, store, path } of lost) {
  console.log(`express-session is the faster: ${framework}, ${store}, ${path}`)
}
process.exitCode = lost.length ? 1 : 0
if (!quick && !asked.length) {
  const page = join(import.meta.dirname, '../../../../docs/speed-node.md')
  writeFileSync(page, replaceTables(readFileSync(page, 'utf8'), { speed: table }))
}
