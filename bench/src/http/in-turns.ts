import { median, spread } from '../numbers.ts'
import { type Scenario, scenarios } from '../scenarios.ts'
import type { Load, Server } from './load.ts'

/** The middle of all repeats. */
export interface LoadCost {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpu: number
  /** Of `perSecond`. */
  readonly spread: number
  /** Where there is one: what a request has cost it. */
  readonly redis?: RedisUse
}

/** What Redis has done: commands, µs of its processor, and bytes that it was sent and that it answered. */
export type RedisUse = Readonly<Record<'commands' | 'cpu' | 'received' | 'sent', number>>

export interface HttpEffort {
  readonly repeats: number
  readonly scenarios: readonly string[]
  /** Of load in one scenario. */
  readonly seconds: number
  /** As many before that, which do not count: engines compile what is used often. */
  readonly warms: boolean
}

/** By name, then by scenario. */
export type HttpTable = Record<string, Record<string, LoadCost>>

/** A server that is to be asked over sockets. */
export interface Contender {
  readonly name: string
  /** `false` for the bare handlers. */
  readonly hasSessions: boolean
  readonly cannot?: readonly string[] | undefined
  start(): Promise<Server>
  /** What its Redis has done so far, where it has one. */
  used?(): Promise<RedisUse>
}

const CLIENTS = 64

/** Each in a process of its own, turn by turn, after it was shown to answer right. */
export async function inTurns(
  field: readonly Contender[],
  effort: HttpEffort,
  log: (repeat: string) => void,
): Promise<HttpTable> {
  const { repeats, scenarios: names } = effort
  const asked = scenarios.filter(({ name }) => names.includes(name))
  const runs: Record<string, Record<string, Run[]>> = {}
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const contender of field) {
      const server = await contender.start()
      try {
        runs[contender.name] ??= {}
        const row = runs[contender.name] ?? {}
        for (const scenario of asked) {
          if (contender.cannot?.includes(scenario.name)) continue
          const run = await turn(contender, server, scenario, effort)
          row[scenario.name] = [...(row[scenario.name] ?? []), run]
        }
      } finally {
        await server.end()
      }
    }
    log(`${repeat} of ${repeats}`)
  }
  return mapped(runs, (row) => mapped(row, middle))
}

function mapped<T, U>(values: Record<string, T>, made: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, made(value)]))
}

interface Run {
  readonly load: Load
  readonly redis: RedisUse | null
}

async function turn(
  contender: Contender,
  server: Server,
  scenario: Scenario,
  { seconds, warms }: HttpEffort,
): Promise<Run> {
  const cookies = await cookiesFor(server, contender, scenario)
  if (warms) await server.load(scenario.path, cookies, seconds)
  const before = await contender.used?.()
  const load = await server.load(scenario.path, cookies, seconds)
  const after = await contender.used?.()
  return { load, redis: before && after ? difference(before, after, load.requests) : null }
}

async function cookiesFor(
  { ask }: Server,
  { name, hasSessions }: Contender,
  scenario: Scenario,
): Promise<string[]> {
  const { path, cookie, text } = scenario
  const cookies = [await cookie(ask)]
  // Who writes at the same time writes to sessions of their own.
  while (scenario.name === 'write' && cookies.length < CLIENTS) cookies.push(await cookie(ask))
  const answer = await ask(path, cookies[0])
  const right = typeof text === 'string' ? answer.text === text : text.test(answer.text)
  if (hasSessions && !right) throw new Error(`${name} answered ${answer.text}`)
  return cookies
}

function middle(runs: readonly Run[]): LoadCost {
  const of = (pick: (load: Load) => number): number => median(runs.map(({ load }) => pick(load)))
  const uses = runs.flatMap(({ redis }) => redis ?? [])
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    cpu: of(({ cpu }) => cpu),
    spread: spread(runs.map(({ load }) => load.perSecond)),
    ...(uses.length && { redis: each((key) => median(uses.map((use) => use[key]))) }),
  }
}

function difference(before: RedisUse, after: RedisUse, requests: number): RedisUse {
  return each((key) => (after[key] - before[key]) / requests)
}

function each(of: (key: keyof RedisUse) => number): RedisUse {
  return { commands: of('commands'), cpu: of('cpu'), received: of('received'), sent: of('sent') }
}
