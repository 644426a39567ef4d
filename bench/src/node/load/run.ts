import { type Running, run } from '../../../../packages/stores/test/kit/processes.ts'
import type { Health } from './server.process.ts'
import { type Account, ask, begin, type Tally, Visitor } from './visitor.ts'

const CONNECTIONS = 64
const RUNS = 3
// Bytes by which the heap may grow: what wavers anyway, and for each request of a run less than the smallest object that it could leave.
const WAVERING = 300_000
const LEAST_LEAK = 20

/** What was seen of one adapter. */
export interface Seen {
  readonly adapter: string
  readonly requests: number
  readonly tally: Tally
  /** Bytes of heap after each run. */
  readonly heaps: readonly number[]
  /** Increments that must have been counted, and that may have been. */
  readonly sure: number
  readonly unsure: number
  readonly problems: readonly string[]
}

export type Server = Running<{ port: number } & Health>

/** A server of one adapter in a process of its own. */
export async function start(adapter: string): Promise<{ server: Server; port: number }> {
  const script = new URL('server.process.ts', import.meta.url)
  const server: Server = run(script, adapter)
  const { port } = await server.next()
  return { server, port }
}

export async function healthOf(server: Server): Promise<Health> {
  server.send({})
  return server.next()
}

/** Three runs of so many seconds in a row against one server, after a short one that warms it up. */
export async function load(adapter: string, seconds: number): Promise<Seen> {
  const { server, port } = await start(adapter)
  try {
    const accounts = await Promise.all(Array.from({ length: CONNECTIONS }, () => account(port)))
    const problems: string[] = []
    const tally: Tally = {}
    const heaps: number[] = []
    await visit(port, accounts, {}, problems, seconds / 3)
    await healthOf(server)
    for (let turn = 0; turn < RUNS; turn++) {
      await visit(port, accounts, tally, problems, seconds)
      const health = await healthOf(server)
      heaps.push(health.heap)
      problems.push(...check(health))
    }
    problems.push(...(await checkCounts(port, accounts)))
    const sum = (of: 'sure' | 'unsure') => accounts.reduce((total, it) => total + it[of], 0)
    const requests = Object.values(tally).reduce((total, count) => total + count, 0)
    const growth = (heaps.at(-1) ?? 0) - Math.min(...heaps)
    const allowed = WAVERING + (LEAST_LEAK * requests) / RUNS
    if (growth > allowed) problems.push(`The heap grew by ${growth} bytes`)
    const [sure, unsure] = [sum('sure'), sum('unsure')]
    return { adapter, requests, tally, heaps, sure, unsure, problems: [...new Set(problems)] }
  } finally {
    await server.end()
  }
}

let accountsMade = 0
async function account(port: number): Promise<Account> {
  return { cookie: await begin(port), calm: accountsMade++ % 2 === 0, sure: 1, unsure: 0 }
}

async function visit(
  port: number,
  accounts: readonly Account[],
  tally: Tally,
  problems: string[],
  seconds: number,
): Promise<void> {
  const until = Date.now() + seconds * 1000
  const visits = Array.from({ length: CONNECTIONS }, (_, index) => {
    // One in eight is in the same session as the one before it.
    const own = accounts[index % 8 === 7 ? index - 1 : index] as Account
    return new Visitor(port, own, tally, problems).visitUntil(until)
  })
  await Promise.all(visits)
}

export function check({ problems, connections, streams }: Health): string[] {
  return [
    ...problems,
    ...(connections ? [`${connections} connections are still open`] : []),
    ...(streams ? [`${streams} streams are still open`] : []),
  ]
}

async function checkCounts(port: number, accounts: readonly Account[]): Promise<string[]> {
  const problems: string[] = []
  for (const { cookie, calm, sure, unsure } of accounts) {
    const count = Number((await ask(port, '/look', cookie))?.text)
    if (calm && unsure > 0) problems.push('A calm session is in doubt')
    if (count >= sure && count <= sure + unsure) continue
    problems.push(`A session counted ${count}, and not ${sure} to ${sure + unsure}`)
  }
  return problems
}
