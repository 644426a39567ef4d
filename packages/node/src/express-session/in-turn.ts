import type { StoredSession } from './connect.ts'

/** What all who use one connect-style store in this process share. */
export interface Shared {
  /** Runs what concerns one id in turn. What takes too long fails, and the next has its turn. */
  inTurn<T>(id: string, work: () => Promise<T>): Promise<T>
  /** Tells that a session is written, or was. */
  wrote(id: string): void
  /** Reads, and remembers what was read for as long as nothing is written. */
  remember(id: string, read: () => Promise<StoredSession | null>): Promise<StoredSession | null>
  /** What was read last, if nothing was written since. */
  recall(id: string): StoredSession | undefined
}

// As long as the core waits for a store.
const LONGEST = 5000

// More requests are hardly under way at once, and who finds nothing reads again.
const MOST = 1000

const known = new WeakMap<object, Shared>()

export function sharedBy(store: object): Shared {
  const shared = known.get(store) ?? createShared()
  known.set(store, shared)
  return shared
}

function createShared(): Shared {
  const last = new Map<string, Promise<void>>()
  const seen = new Map<string, StoredSession>()
  let writes = 0
  return {
    inTurn(id, work) {
      const turn = (last.get(id) ?? Promise.resolve()).then(() => limited(work()))
      const ended = turn
        .then(
          () => {},
          () => {},
        )
        .then(() => {
          if (last.get(id) === ended) last.delete(id)
        })
      last.set(id, ended)
      return turn
    },
    wrote(id) {
      writes++
      seen.delete(id)
    },
    async remember(id, read) {
      const before = writes
      const found = await read()
      seen.delete(id)
      if (found && before === writes) seen.set(id, found)
      for (const [oldest] of seen) {
        if (seen.size <= MOST) break
        seen.delete(oldest)
      }
      return found
    },
    recall(id) {
      const found = seen.get(id)
      seen.delete(id)
      return found
    },
  }
}

function limited<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, LONGEST, new Error(`The store took ${LONGEST} ms`))
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
