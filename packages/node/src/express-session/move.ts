import { timingSafeEqual } from 'node:crypto'
import type { SessionRecord } from '@sojourn/core'
import type { ConnectStore } from './connect.ts'
import { connectStore, type WrappedStore } from './connect-store.ts'
import { limited } from './in-turn.ts'
import type { Keeper } from './keeper.ts'
import { createMint, type Mint } from './mint.ts'
import { type ParsedRequest, presentedAs } from './presented.ts'
import type { Upgrade, Upgraded } from './upgrade.ts'

/** How sessions of ours go along from the store, or from under the name of the cookie, that they had before, under the same id. */
export interface Move {
  readonly take: Upgrade
  /** Ends what has not gone along. */
  end(id: string): Promise<void>
}

/** `keys`: whatever may have signed their tokens, which were in a cookie of that name. `null` as the store: it is that of today. */
export function createMove(
  store: ConnectStore | null,
  name: string,
  keys: readonly Uint8Array[],
): Move {
  const former = store && connectStore(store)
  const read = presentedAs(name)
  const mints = keys.map((key) => createMint(key, `cookie/${name}`))
  return {
    async take(request: ParsedRequest, keeper) {
      for (const token of read(request)) {
        const claim = claimOf(token, mints)
        const moved = claim && (await move(former, claim, keeper))
        if (moved) return moved
      }
      return null
    },
    async end(id) {
      await former?.delete(id)
    },
  }
}

interface Claim {
  readonly random: string
  readonly generation: number
}

function claimOf(token: string, mints: readonly Mint[]): Claim | null {
  const [, random, generation = ''] = /^([\w-]{32})\.(\d{1,9})\.[\w-]{43}$/.exec(token) ?? []
  if (random === undefined) return null
  const claim = { random, generation: Number(generation) }
  const given = Buffer.from(token)
  const isOurs = mints.some((mint) => {
    const issued = Buffer.from(mint(random, claim.generation).token)
    return issued.length === given.length && timingSafeEqual(issued, given)
  })
  return isOurs ? claim : null
}

// Who has made the new record and finds the old one gone came late, and perhaps after a sign-out.
async function move(
  former: WrappedStore | null,
  { random, generation }: Claim,
  keeper: Keeper,
): Promise<Upgraded | null> {
  const { id, token } = keeper.mints[0](random, generation)
  const read = (): Promise<SessionRecord | null> =>
    limited(async () => (await former?.read(id)) ?? null)
  const record = await read()
  if (former && record) {
    // A store of before may have noted use as nothing but a later expiry.
    const used = { ...record, lastSeenAt: Math.max(record.lastSeenAt, Date.now()) }
    const isNew = await keeper.adopt(used)
    if (isNew && !(await read())) {
      await keeper.remove(id)
      return null
    }
    try {
      await former.delete(id)
    } catch (error) {
      // In both it would live on where somebody who knows of one ends it. The next request begins anew.
      if (isNew && (await read())) await keeper.takeBack(id)
      throw error
    }
  }
  const opened = await keeper.open(token)
  return opened.id === null ? null : { opened, token }
}
