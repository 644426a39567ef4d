// Every adapter under load from 64 connections with clients that leave or read slowly and a store that fails, three times half a minute; then a
// hundred streams of events for a minute. Ends with 1 when anything is wrong. `--quick`: seconds. Names of
// adapters: only these.
import { adapters } from '../adapters.ts'
import { listen } from './events.ts'
import { load, type Seen } from './run.ts'

const quick = process.argv.includes('--quick')
const [seconds, long] = quick ? [2, 4] : [30, 60]
const asked = process.argv.slice(2).filter((name) => !name.startsWith('--'))
const names = asked.length ? asked : Object.keys(adapters)
let wrong = false

function report(adapter: string, problems: readonly string[]): void {
  for (const problem of problems) console.log(`${adapter}: ${problem}`)
  wrong ||= problems.length > 0
}

const row = (cells: readonly unknown[]): void => console.log(`| ${cells.join(' | ')} |`)
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2)

const seen: Seen[] = []
for (const name of names) {
  const one = await load(name, seconds)
  console.log(`${name}: ${JSON.stringify(one.tally)}`)
  report(name, one.problems)
  seen.push(one)
}
row(['adapter', 'requests', 'heap after each run, MB', 'counted for sure', 'in doubt', 'wrong'])
row(['---', '---:', '---:', '---:', '---:', '---:'])
for (const { adapter, requests, heaps, sure, unsure, problems } of seen) {
  const heap = heaps.map(megabytes).join(', ')
  row([adapter, requests, heap, sure, unsure, problems.length])
}

console.log()
row(['adapter', 'streams', 'events heard by each', 'wrong'])
row(['---', '---:', '---:', '---:'])
for (const { adapter, least, most, problems } of await Promise.all(
  names.map((name) => listen(name, long)),
)) {
  report(adapter, problems)
  row([adapter, 100, `${least} to ${most}`, problems.length])
}
process.exitCode = wrong ? 1 : 0
