import { nameOf, type Peer } from '../peer.ts'

/** Each in a file of its own, so that one can be had without the others. In the order of the tables: by server, each after its bare handler. */
const files = [
  'on-hono',
  'floor',
  'sojourn-hono',
  'hono-sessions',
  'hono-session',
  'remix-session',
  'react-router',
  'iron-session',
  'h3',
  'better-auth',
  'on-express',
  'sojourn-express',
  'express-session',
  'cookie-session',
  'on-fastify',
  'sojourn-fastify',
  'fastify-session',
  'fastify-secure-session',
  'on-koa',
  'sojourn-koa',
  'koa-session',
] as const

/** The file of each peer, by its name. */
export const fileOf = new Map<string, string>()

async function load(): Promise<Peer[]> {
  const found: Peer[] = []
  for (const file of files) {
    const module = (await import(`./${file}.ts`)) as Record<string, unknown>
    for (const value of Object.values(module)) {
      if (!isPeer(value)) continue
      found.push(value)
      fileOf.set(nameOf(value), `./peers/${file}.ts`)
    }
  }
  return found
}

function isPeer(value: unknown): value is Peer {
  return typeof (value as Peer | null)?.start === 'function'
}

export const peers: readonly Peer[] = await load()
