import { setImmediate as turn } from 'node:timers/promises'
import { median, spread } from './numbers.ts'
import type { Peer } from './peer.ts'
import { peers } from './peers/index.ts'
import { type Prepared, prepare, type Scenario, scenarios, start } from './scenarios.ts'

/** How long to measure. */
export interface Effort {
  readonly repeats: number
  /** Milliseconds for one peer in one repeat. */
  readonly slice: number
}

/** µs for a request: half of the repeats took less, and how far they lie apart. */
export interface Cost {
  readonly median: number
  /** (largest - smallest) / median, without the outermost repeat on either side. */
  readonly spread: number
}

export interface Measured {
  /** One request after the other, by the clock on the wall. */
  readonly alone: Cost
  /** 64 in flight, CPU of all threads. */
  readonly cpu: Cost
}

export type Table = Record<string, Record<string, Measured | string>>

// After as many requests a turn ends, as it does in a server: until then an engine keeps what there are weak references to.
const IN_FLIGHT = 64

/** Each scenario of each peer, turn by turn, so that whatever else the machine does meets all of them. */
export async function inProcess(effort: Effort, log: (line: string) => void): Promise<Table> {
  const table: Table = {}
  for (const scenario of scenarios) {
    const field = await line(scenario)
    for (const [peer, ready] of field) {
      if (typeof ready === 'string') put(table, peer, scenario, ready)
    }
    const runners = field.filter((one): one is [Peer, Prepared] => typeof one[1] !== 'string')
    const seen = new Map(
      runners.map(([peer]) => [peer, { alone: [] as number[], cpu: [] as number[] }]),
    )
    for (const [, { run }] of runners) await alone(run, effort.slice)
    for (let repeat = 0; repeat < effort.repeats; repeat++) {
      for (const [peer, { run }] of runners) {
        seen.get(peer)?.alone.push(await alone(run, effort.slice))
        seen.get(peer)?.cpu.push(await inFlight(run, effort.slice))
      }
    }
    for (const [peer, { alone, cpu }] of seen)
      put(table, peer, scenario, { alone: cost(alone), cpu: cost(cpu) })
    log(`in process: ${scenario.name}`)
  }
  return table
}

async function line(scenario: Scenario): Promise<[Peer, Prepared | string][]> {
  const field: [Peer, Prepared | string][] = []
  for (const peer of peers) {
    const site = await start(peer, { kind: 'memory' })
    field.push([peer, await prepare(peer, site, scenario, IN_FLIGHT)])
  }
  return field
}

function put(table: Table, peer: Peer, scenario: Scenario, value: Measured | string): void {
  const key = `${peer.server} / ${peer.name}`
  table[key] ??= {}
  table[key][scenario.name] = value
}

const cost = (values: readonly number[]): Cost => ({
  median: median(values),
  spread: spread(values),
})

async function alone(run: Prepared['run'], slice: number): Promise<number> {
  const begun = performance.now()
  const end = begun + slice
  let count = 0
  let now = begun
  while (now < end || count < 3) {
    await run(0)
    if (++count % IN_FLIGHT === 0) await turn()
    now = performance.now()
  }
  return ((now - begun) * 1000) / count
}

async function inFlight(run: Prepared['run'], slice: number): Promise<number> {
  const begun = process.cpuUsage()
  const end = performance.now() + slice
  let count = 0
  async function client(_: unknown, own: number): Promise<void> {
    do {
      await run(own)
      if (++count % IN_FLIGHT === 0) await turn()
    } while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, client))
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / count
}
