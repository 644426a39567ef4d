import type { RequestListener } from 'node:http'
import type { Probe } from './probe.ts'

/** Where a library is to keep its sessions. */
export type Keeping =
  /** In the store in memory that it brings, or in a `Map` where it brings none. */
  | { readonly kind: 'memory' }
  /** In a store whose calls are counted, and can be made to wait or to fail. */
  | { readonly kind: 'probe'; readonly probe: Probe }
  | { readonly kind: 'redis'; readonly url: string }

export interface Setting {
  readonly keeping: Keeping
  /** The newest first. */
  readonly secrets: readonly [string, ...string[]]
}

/** A session as every library has it. */
export interface Visit {
  get(key: string): unknown
  set(key: string, value: string): unknown
  /** Counts one up, by whatever the library has for that. */
  count(): unknown
  end(): unknown
  /** Another token for the same session. */
  renew?(): unknown
}

/** What the application does in a request, whatever the library. */
export type Act = (path: string, visit: () => Visit | Promise<Visit>) => string | Promise<string>

/** An application that is up, in this process. */
export interface Site {
  /** For servers that speak the Web's objects. */
  readonly fetch?: (request: Request) => Response | Promise<Response>
  /** For servers on Node's. */
  readonly listener?: RequestListener
  close?(): Promise<unknown>
}

/** One library, on the server that it was made for. */
export interface Peer {
  readonly name: string
  readonly server: 'Hono' | 'h3' | 'Express' | 'Fastify' | 'Koa'
  /** Where its sessions are: `false` for those that have none. */
  readonly keeps: 'server' | 'cookie' | false
  readonly stores: readonly Keeping['kind'][]
  /** What it cannot do, so that it has a dash there. */
  readonly cannot?: readonly string[]
  start(setting: Setting, act: Act): Site | Promise<Site>
}

/** What tells a peer from all others. */
export function nameOf({ server, name }: Peer): string {
  return `${server} / ${name}`
}
