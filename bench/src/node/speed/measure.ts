import type { Client, Subject } from './processes.ts'
import { CASES } from './servers.ts'

export type Case = (typeof CASES)[number]

/** One turn of one server. */
export interface Turn {
  /** Requests per second. */
  readonly rate: number
  /** Microseconds of the server's CPU time for each request. */
  readonly cpu: number
}

/** The turns of one server at one path; those with the same index were taken one after the other. */
export interface Series {
  readonly subject: Subject
  readonly path: Case
  readonly turns: Turn[]
}

/** Every server at every path, in rounds: the servers of one path take turns in random order. */
export async function measure(
  client: Client,
  subjects: readonly Subject[],
  rounds: number,
  seconds: number,
): Promise<Series[]> {
  const series = CASES.flatMap((path) =>
    subjects.map((subject): Series => ({ subject, path, turns: [] })),
  )
  for (let round = -1; round < rounds; round++) {
    for (const path of CASES) {
      for (const one of shuffled(series.filter((it) => it.path === path))) {
        // The first is to warm up: what is compiled late takes thousands of requests.
        const turn = await take(client, one, round < 0 ? 4 * seconds : seconds)
        if (round >= 0) one.turns.push(turn)
      }
    }
  }
  return series
}

async function take(client: Client, { subject, path }: Series, wanted: number): Promise<Turn> {
  const before = await subject.cpu()
  const { port, cookies } = subject
  const task = { port, path: `/${path}`, cookies, seconds: wanted }
  const { requests, seconds } = await client.perform(task)
  return { rate: requests / seconds, cpu: ((await subject.cpu()) - before) / requests }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
