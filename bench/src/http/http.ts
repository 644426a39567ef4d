import { createClient } from 'redis'
import { redisServer } from '../../../packages/stores/test/kit/redis-server.ts'
import { median, spread } from '../numbers.ts'
import { nameOf, type Peer } from '../peer.ts'
import { peers } from '../peers/index.ts'
import { type Scenario, scenarios } from '../scenarios.ts'
import { type Load, type Server, startServer } from './load.ts'

/** The middle of all repeats. */
export interface LoadCost {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpu: number
  /** Of `perSecond`. */
  readonly spread: number
  /** Where there is one: commands that it was asked, and µs of its processor, for each request. */
  readonly redis?: { readonly commands: number; readonly cpu: number }
}

export interface HttpEffort {
  readonly repeats: number
  readonly seconds: number
}

export type HttpTable = Record<string, Record<string, LoadCost>>

const LOADED = ['untouched', 'read', 'write']
const CLIENTS = 64

/** Over sockets: each peer in a process of its own, turn by turn. */
export async function overHttp(
  store: 'memory' | 'redis',
  effort: HttpEffort,
  log: (line: string) => void,
): Promise<HttpTable> {
  const redis = store === 'redis' ? await redisMeter() : null
  const field = peers.filter(({ stores, keeps }) => keeps === false || stores.includes(store))
  const table: HttpTable = {}
  for (const scenario of scenarios.filter(({ name }) => LOADED.includes(name))) {
    const seen = new Map<Peer, { load: Load; redis: RedisUse | null }[]>()
    for (let repeat = 0; repeat < effort.repeats; repeat++) {
      for (const peer of field) {
        if (peer.cannot?.includes(scenario.name)) continue
        const server = await startServer([
          nameOf(peer),
          ...(redis && peer.keeps !== false ? [redis.url] : []),
        ])
        try {
          const cookies = await cookiesFor(server, peer, scenario)
          await server.load(scenario.path, cookies, Math.min(0.5, effort.seconds))
          const before = await redis?.used()
          const load = await server.load(scenario.path, cookies, effort.seconds)
          const after = await redis?.used()
          const used =
            before && after && peer.keeps !== false
              ? difference(before, after, load.requests)
              : null
          seen.set(peer, [...(seen.get(peer) ?? []), { load, redis: used }])
        } finally {
          await server.end()
        }
      }
    }
    for (const [peer, runs] of seen) {
      table[nameOf(peer)] ??= {}
      Object.assign(table[nameOf(peer)] ?? {}, { [scenario.name]: middle(runs) })
    }
    log(`over HTTP, ${store}: ${scenario.name}`)
  }
  await redis?.end()
  return table
}

async function cookiesFor(
  { ask }: Server,
  peer: Peer,
  { name, path, cookie, text }: Scenario,
): Promise<string[]> {
  const cookies = [await cookie(ask)]
  while (name === 'write' && cookies.length < CLIENTS) cookies.push(await cookie(ask))
  const answer = await ask(path, cookies[0])
  const right = typeof text === 'string' ? answer.text === text : text.test(answer.text)
  if (peer.keeps !== false && !right) throw new Error(`${nameOf(peer)} answered ${answer.text}`)
  return cookies
}

function middle(runs: readonly { load: Load; redis: RedisUse | null }[]): LoadCost {
  const of = (pick: (load: Load) => number): number => median(runs.map(({ load }) => pick(load)))
  const uses = runs.flatMap(({ redis }) => redis ?? [])
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    cpu: of(({ cpu }) => cpu),
    spread: spread(runs.map(({ load }) => load.perSecond)),
    ...(uses.length && {
      redis: {
        commands: median(uses.map(({ commands }) => commands)),
        cpu: median(uses.map(({ cpu }) => cpu)),
      },
    }),
  }
}

interface RedisUse {
  readonly commands: number
  readonly cpu: number
}

function difference(before: RedisUse, after: RedisUse, requests: number): RedisUse {
  // One of them is the asking itself.
  return {
    commands: (after.commands - before.commands - 1) / requests,
    cpu: (after.cpu - before.cpu) / requests,
  }
}

async function redisMeter() {
  const server = await redisServer()
  const client = createClient({ url: server.url })
  await client.connect()
  return {
    url: server.url,
    async used(): Promise<RedisUse> {
      const text = `${await client.info('stats')}\n${await client.info('cpu')}`
      const of = (name: string): number => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1])
      return {
        commands: of('total_commands_processed'),
        cpu: (of('used_cpu_user') + of('used_cpu_sys')) * 1e6,
      }
    },
    async end() {
      await client.close()
      await server.end()
    },
  }
}
