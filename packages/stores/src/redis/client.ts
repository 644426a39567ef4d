import {
  type NodeRedis,
  type NodeRedisCluster,
  type NodeRedisSentinel,
  sendByNodeRedis,
} from './node-redis.ts'
import type { Send } from './send.ts'

/** A client or a cluster of ioredis. */
export interface IoRedis {
  call(command: string, ...args: string[]): Promise<unknown>
}

/** What sends commands to Redis, or Valkey. */
export type RedisClient = NodeRedis | NodeRedisCluster | NodeRedisSentinel | IoRedis

/**
 * Tells what a client is, and how it is asked. Asks it nothing.
 *
 * @throws {TypeError} naming the option.
 */
export function senderOf(client: RedisClient): Send {
  const has = (name: string): boolean => typeof memberOf(client, name) === 'function'
  if (has('call')) {
    refuseReplicas(memberOf(client, 'options'))
    const known = client as IoRedis
    return (_, [name, ...args]) => known.call(name, ...args).catch(failWithoutData)
  }
  if (has('sendCommand')) return sendByNodeRedis(client as Exclude<RedisClient, IoRedis>)
  const got = typeof client === 'string' ? `"${client}"` : typeof client
  throw new TypeError(`"client" must be a client of node-redis or ioredis, got ${got}`)
}

// ioredis writes into an error what was asked, and that is the session's data, which belongs in no log.
function failWithoutData(error: { command?: unknown } | null): never {
  if (typeof error === 'object') delete error?.command
  throw error
}

// A replica shows what was true a moment ago, and a session that was revoked was still there.
function refuseReplicas(options: unknown): void {
  const { scaleReads = 'master' } = (options ?? {}) as { scaleReads?: unknown }
  if (scaleReads !== 'master') {
    throw new TypeError(`"client" must read from masters, got scaleReads: ${String(scaleReads)}`)
  }
}

function memberOf(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[name]
}
