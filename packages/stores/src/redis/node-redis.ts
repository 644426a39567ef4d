import type { Send } from './send.ts'
import { unsentLimit } from './unsent.ts'

/** How node-redis is to send one command. */
export interface NodeRedisCommandOptions {
  timeout?: number
  abortSignal?: AbortSignal
}

/** A client of node-redis, or a pool of them. */
export interface NodeRedis {
  sendCommand(args: string[], options?: NodeRedisCommandOptions): Promise<unknown>
}

/** A cluster of node-redis. */
export interface NodeRedisCluster {
  readonly masters: unknown
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    args: string[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>
}

/** A sentinel of node-redis. */
export interface NodeRedisSentinel {
  getSentinelNode: unknown
  sendCommand(
    isReadonly: boolean,
    args: string[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>
}

type AnyNodeRedis = NodeRedis | NodeRedisCluster | NodeRedisSentinel

/** Sends one command by its words. */
type Ask = (key: string, words: string[], options?: NodeRedisCommandOptions) => Promise<unknown>

/** Sends commands, each within the time that the client gives one to be sent. */
export function sendByNodeRedis(client: AnyNodeRedis): Send {
  const ask = askOf(client)
  const timeout = timeoutOf(client)
  if (!timeout) return (key, command) => ask(key, [...command])
  const inTime = unsentLimit(timeout)
  return (key, command) => ask(key, [...command], { timeout: 0, abortSignal: inTime() })
}

function askOf(client: AnyNodeRedis): Ask {
  if ('getSentinelNode' in client) {
    return (_, words, options) => client.sendCommand(false, words, options)
  }
  if ('masters' in client && client.masters) {
    return (key, words, options) => client.sendCommand(key, false, words, options)
  }
  return (_, words, options) => (client as NodeRedis).sendCommand(words, options)
}

// Where the client has it is no part of its types: one that has it elsewhere keeps its own way.
function timeoutOf(client: object): number | undefined {
  const { _commandOptions, commandOptions = _commandOptions } = client as Record<
    '_commandOptions' | 'commandOptions',
    NodeRedisCommandOptions | undefined
  >
  return commandOptions?.timeout
}
