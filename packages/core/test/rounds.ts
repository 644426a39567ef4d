import type { AnyStore } from '../src/index.ts'
import { isCarried } from './carrier.ts'
import { isRemote } from './new-store.ts'
import { type Site, type SiteOptions, site } from './site.ts'
import { turns } from './turns.ts'

/** What the sessions of a race hold. */
export type Data = Record<string, number>

const takesTime = (): boolean => isRemote() || isCarried()

/** How many of so many interleavings are tried: one of twenty where each takes real time. */
export function tried(count: number): number {
  return takesTime() ? Math.ceil(count / 20) : count
}

/** Plays a race in many interleavings, each on a site of its own and known by the number of its round. */
export async function rounds(
  count: number,
  play: (site: Site<Data>, round: number, random: () => number) => Promise<void>,
  options: SiteOptions = {},
): Promise<void> {
  let next = 0
  async function lane(): Promise<void> {
    while (next < tried(count)) {
      const round = next++
      const random = seeded(round)
      const wrapStore = (store: AnyStore) => jittery(store, random)
      try {
        // A crowd that waits for one store is no failure of it.
        await play(site<Data>({ storeTimeout: 60, ...options, wrapStore }), round, random)
      } catch (error) {
        next = count
        throw new Error(`In round ${round}`, { cause: error })
      }
    }
  }
  await Promise.all(Array.from({ length: takesTime() ? 16 : 1 }, lane))
}

/** Up to a dozen turns. */
export function pause(random: () => number): Promise<void> {
  return turns(random() * 12)
}

// A store whose every verb takes a random number of turns before and after it acts, so that requests interleave in a new way each round.
function jittery(store: AnyStore, random: () => number): AnyStore {
  const slow =
    <A extends unknown[], R>(verb: (...args: A) => R) =>
    async (...args: A): Promise<Awaited<R>> => {
      await turns(random() * 6)
      const answer = await verb(...args)
      await turns(random() * 6)
      return answer
    }
  return {
    ...store,
    read: slow(store.read),
    create: slow(store.create),
    update: slow(store.update),
    touch: slow(store.touch),
    delete: slow(store.delete),
  }
}

// Mulberry32: the interleavings of a round can be had again by its number.
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
