import { createClient } from 'redis'
import { redisServer } from '../../../packages/stores/test/kit/redis-server.ts'
import { nameOf } from '../peer.ts'
import { peers } from '../peers/index.ts'
import {
  type Contender,
  type HttpEffort,
  type HttpTable,
  inTurns,
  type RedisUse,
} from './in-turns.ts'
import { startServer } from './load.ts'

/** On Node, over sockets: each peer in a process of its own, turn by turn. */
export async function overHttp(
  store: 'memory' | 'redis',
  effort: HttpEffort,
  log: (line: string) => void,
): Promise<HttpTable> {
  const redis = store === 'redis' ? await redisMeter() : null
  const field = peers
    .filter(({ stores, keeps }) => keeps === false || stores.includes(store))
    .map((peer): Contender => {
      const uses = redis && peer.keeps !== false ? redis : null
      return {
        name: nameOf(peer),
        hasSessions: peer.keeps !== false,
        cannot: peer.cannot,
        start: () => startServer([nameOf(peer), ...(uses ? [uses.url] : [])]),
        ...(uses && { used: uses.used }),
      }
    })
  const table = await inTurns(field, effort, (repeat) => log(`over HTTP, ${store}: ${repeat}`))
  await redis?.end()
  return table
}

async function redisMeter() {
  const server = await redisServer()
  const client = createClient({ url: server.url })
  await client.connect()
  return {
    url: server.url,
    async used(): Promise<RedisUse> {
      const text = await client.info('all')
      const of = (name: string): number => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1])
      return {
        commands: of('total_commands_processed'),
        cpu: (of('used_cpu_user') + of('used_cpu_sys')) * 1e6,
        received: of('total_net_input_bytes'),
        sent: of('total_net_output_bytes'),
      }
    },
    async end() {
      await client.close()
      await server.end()
    },
  }
}
