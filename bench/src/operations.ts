import assert from 'node:assert/strict'
import { application } from './act.ts'
import { asking } from './client.ts'
import { nameOf, type Peer } from './peer.ts'
import { peers } from './peers/index.ts'
import { type Probe, probe, type Verb } from './probe.ts'
import { SECRETS, scenarios } from './scenarios.ts'

const once = {
  untouched: 'none',
  read: 'read',
  write: 'read write',
  anonymous: 'none',
  create: 'write',
  forged: 'none',
  revoked: 'read',
}
const touching = { ...once, untouched: 'read write', read: 'read write' }

/** What one request of each scenario asks of the store. Those of hono-sessions depend on the millisecond, so only the least is said. */
const said: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Sojourn: once,
  '@remix-run/session': once,
  'react-router': once,
  'koa-session': { ...once, untouched: 'read' },
  'express-session': touching,
  '@fastify/session': touching,
}

/** The verbs that one request of each scenario asks of the store. */
async function operationsOf(peer: Peer): Promise<Record<string, string>> {
  const seen: Record<string, string> = {}
  for (const { name, path, cookie } of scenarios) {
    const watched = probe()
    const keeping = { kind: 'probe', probe: watched } as const
    const site = await peer.start({ keeping, secrets: SECRETS }, application())
    const ask = asking(site)
    const jar = await cookie(ask)
    watched.calls.splice(0)
    await ask(path, jar)
    seen[name] = told(watched)
    await site.close?.()
  }
  return seen
}

/**
 * What each library asks its store, by its name.
 *
 * @throws {AssertionError} where that is anything else than it is said to.
 */
export async function checkOperations(): Promise<Record<string, Record<string, string>>> {
  const seen: Record<string, Record<string, string>> = {}
  for (const peer of peers.filter(({ stores }) => stores.includes('probe'))) {
    const operations = await operationsOf(peer)
    const expected = said[peer.name]
    if (expected) assert.deepEqual(operations, expected, nameOf(peer))
    seen[nameOf(peer)] = operations
  }
  return seen
}

function told({ calls }: Probe): string {
  const order: readonly Verb[] = ['read', 'write', 'delete']
  return calls.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)).join(' ') || 'none'
}
