import { application, type Gate } from '../act.ts'
import type { Keeping, Peer } from '../peer.ts'
import { type Probe, probe } from '../probe.ts'
import { SECRETS } from '../scenarios.ts'
import { type Served, serve } from '../served.ts'

/** A peer's application on a port, with the means to get in its way. */
export interface Stage extends Served {
  readonly probe: Probe | null
  /** Holds every request at this path between its reading and its writing, until `open`. */
  hold(path: string): { readonly held: Promise<void>; open(): void }
}

interface Staging {
  readonly secrets?: readonly [string, ...string[]]
  readonly probe?: Probe | null
}

export async function onStage<T>(
  peer: Peer,
  act: (stage: Stage) => Promise<T>,
  staging: Staging = {},
): Promise<T> {
  const { secrets = SECRETS, probe: watched = probeFor(peer) } = staging
  const held = new Map<string, () => Promise<void>>()
  const gate: Gate = { pass: (path) => held.get(path)?.() }
  const keeping: Keeping = watched ? { kind: 'probe', probe: watched } : { kind: 'memory' }
  const served = await serve(await peer.start({ keeping, secrets }, application(gate)))
  const hold: Stage['hold'] = (path) => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    held.set(path, () => {
      arrive()
      return opened
    })
    return { held: arrived, open }
  }
  try {
    return await act({ ...served, probe: watched, hold })
  } finally {
    await served.close()
  }
}

export function probeFor(peer: Peer): Probe | null {
  return peer.stores.includes('probe') ? probe() : null
}
