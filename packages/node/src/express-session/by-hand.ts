import { answerOf, type ConnectStore, type Done, isByHand, type StoredSession } from './connect.ts'
import { sharedBy } from './in-turn.ts'
import { saveByHand } from './session.ts'

/** What there is of a session in other places than the store that was asked, or under another id. */
export interface Elsewhere {
  find(id: string, asked: ConnectStore): Promise<StoredSession | null>
  end(id: string, asked: ConnectStore): Promise<void>
}

const MOST = 16

const saving = new WeakSet<ConnectStore>()
const reached = new WeakMap<ConnectStore, Elsewhere[]>()

/** Lets a session of a request that an application stores by hand be saved as it saves itself: what stands in a store has more to it. */
export function saveItself(store: ConnectStore): void {
  if (saving.has(store)) return
  saving.add(store)
  const { set } = store
  store.set = (id, session, done) =>
    saveByHand(id, session, done) || set.call(store, id, session, done)
}

/** Lets an application that asks a store by hand reach what has become, since, of the sessions that were there. */
export function reachElsewhere(store: ConnectStore, elsewhere: Elsewhere): void {
  const known = reached.get(store)
  if (known) {
    known.push(elsewhere)
    // An application may make a middleware for each request, and those that are made alike reach the same.
    if (known.length > MOST) known.shift()
    return
  }
  const all = [elsewhere]
  reached.set(store, all)
  findElsewhere(store, all)
  endElsewhere(store, all)
}

function findElsewhere(store: ConnectStore, all: readonly Elsewhere[]): void {
  const { get } = store
  store.get = (id, done) => {
    if (!isByHand(done) || typeof id !== 'string') return get.call(store, id, done)
    const asked = answerOf<object | null>((own) => get.call(store, id, own as typeof done))
    const found = otherwise(asked, async () => {
      for (const { find } of all) {
        const stored = await find(id, store)
        if (stored) return stored
      }
      return null
    })
    found.then(
      (stored) => done && process.nextTick(done, null, stored),
      (error) => done && process.nextTick(done, error),
    )
    return found
  }
}

/** What was asked for, or something else where there is none. */
async function otherwise<T>(asked: Promise<T>, other: () => Promise<T>): Promise<T> {
  try {
    return (await asked) ?? (await other())
  } catch (error) {
    // How stores of files say that they have none.
    if ((error as NodeJS.ErrnoException | null)?.code !== 'ENOENT') throw error
    return (await other()) ?? asked
  }
}

function endElsewhere(store: ConnectStore, all: readonly Elsewhere[]): void {
  const { destroy } = store
  const { ended: tellEnded } = sharedBy(store)
  store.destroy = (id: string, done?: Done) => {
    if (!isByHand(done) || typeof id !== 'string') return destroy.call(store, id, done)
    // What is written meanwhile, or right after, is undone.
    tellEnded(id)
    const ended = answerOf((own) => destroy.call(store, id, own)).then(async () => {
      tellEnded(id)
      for (const { end } of all) await end(id, store)
    })
    ended.then(
      () => done && process.nextTick(done),
      (error) => done && process.nextTick(done, error),
    )
    return ended
  }
}
