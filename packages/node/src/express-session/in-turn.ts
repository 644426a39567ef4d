import type { StoredSession } from './connect.ts'

/** What all who use one connect-style store in this process share. */
export interface Shared {
  /**
   * Runs what concerns one id in turn. What takes too long fails, and the next has its turn: what is given to the work throws from then on, and is
   * to be asked before it writes.
   */
  inTurn<T>(id: string, work: (check: () => void) => Promise<T>): Promise<T>
  /** Waits for a write; `undo` comes after one that was given up and is done all the same, where the session has ended since. */
  write(id: string, writing: Promise<unknown>, undo: () => void): Promise<void>
  /** Tells that a session has ended. */
  ended(id: string): void
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
  const writing = new Map<string, number>()
  const over = new Set<string>()
  let writes = 0
  return {
    inTurn(id, work) {
      const before = last.get(id) ?? Promise.resolve()
      // The time counts from here, so that of many in a row none waits longer than one.
      const turn = limited((check) => before.then(() => work(check)))
      const ended = turn
        .then(
          () => {},
          () => {},
        )
        .then(() => {
          if (last.get(id) !== ended) return
          last.delete(id)
          if (!writing.has(id)) over.delete(id)
        })
      last.set(id, ended)
      return turn
    },
    async write(id, work, undo) {
      writing.set(id, (writing.get(id) ?? 0) + 1)
      try {
        await work
      } finally {
        const left = (writing.get(id) ?? 0) - 1
        if (over.has(id)) undo()
        if (left) writing.set(id, left)
        else {
          writing.delete(id)
          if (!last.has(id)) over.delete(id)
        }
      }
    },
    ended(id) {
      // What has its turn may have read it before.
      if (writing.has(id) || last.has(id)) over.add(id)
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

/** Fails where some work takes longer than anybody waits. */
export function limited<T>(work: (check: () => void) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const error = new Error(`The store took ${LONGEST} ms`)
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      reject(error)
    }, LONGEST)
    const check = (): void => {
      if (isOver) throw error
    }
    work(check)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
