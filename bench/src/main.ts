import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { coldStarts } from './cold.ts'
import { correctnessApart } from './correctness/run.ts'
import { heapOf } from './heap.ts'
import { overHttp } from './http/http.ts'
import { overWorkerd } from './http/workerd.ts'
import { inProcess } from './in-process.ts'
import { checkOperations } from './operations.ts'
import { chartOf } from './report/chart.ts'
import { pageOf, type Results } from './report/page.ts'
import { sizes } from './size.ts'

// Everything in one run, and what came out written to `results/`. `--quick` shows how it goes: its figures are rough, and kept nowhere.
const quick = process.argv.includes('--quick')
const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`)
// What some libraries print for each forged cookie is not what they are measured for.
console.error = () => {}

const operations = await checkOperations()
log('every library answers right, and asks its store what it is said to')
const verdicts = await correctnessApart(log)
const process64 = await inProcess(
  quick ? { repeats: 2, slice: 40 } : { repeats: 9, slice: 80 },
  log,
)
const effort = quick
  ? { repeats: 1, scenarios: ['read'], seconds: 1, warms: false }
  : { repeats: 3, scenarios: ['untouched', 'read', 'write'], seconds: 1, warms: true }
const memory = await overHttp('memory', effort, log)
const redis = await overHttp('redis', effort, log)
const workerd = await overWorkerd(effort, log)
const heap = await heapOf(quick ? 3_000 : 200_000, log)
const cold = await coldStarts(quick ? 1 : 5, log)

const results: Results = {
  at: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model.trim()}, ${cpus().length} threads, Linux ${release()}, Node ${process.version}`,
  correctness: verdicts,
  operations,
  inProcess: process64,
  http: { memory, redis, workerd },
  heap,
  cold,
  size: await sizes(),
}

const folder = join(import.meta.dirname, '../results')
const page = pageOf(results)
if (quick) console.log(page)
else {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), page)
  for (const [name, chart] of Object.entries(chartOf(results))) {
    writeFileSync(join(folder, `${name}.svg`), chart)
  }
}
process.exit()
