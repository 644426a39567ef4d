import { answerOf, type ConnectStore, type Done, isByHand } from './connect.ts'
import { sharedBy } from './in-turn.ts'
import { saveByHand } from './session.ts'

type Elsewhere = (id: string, store: ConnectStore) => Promise<void>

const saving = new WeakSet<ConnectStore>()
const ending = new WeakMap<ConnectStore, Elsewhere[]>()

/** Lets a session of a request that an application stores by hand be saved as it saves itself: what stands in a store has more to it. */
export function saveItself(store: ConnectStore): void {
  if (saving.has(store)) return
  saving.add(store)
  const { set } = store
  store.set = (id, session, done) =>
    saveByHand(id, session, done) || set.call(store, id, session, done)
}

/** Lets what an application destroys by hand end as well in what has become of it since. */
export function endEverywhere(store: ConnectStore, elsewhere: Elsewhere): void {
  const known = ending.get(store)
  if (known) {
    known.push(elsewhere)
    return
  }
  // One for all: an application may make a middleware for each request.
  const all = [elsewhere]
  ending.set(store, all)
  const { destroy } = store
  const { ended: tellEnded } = sharedBy(store)
  store.destroy = (id: string, done?: Done) => {
    if (!isByHand(done) || typeof id !== 'string') return destroy.call(store, id, done)
    // What is written meanwhile, or right after, is undone.
    tellEnded(id)
    const ended = answerOf((own) => destroy.call(store, id, own)).then(async () => {
      tellEnded(id)
      for (const end of all) await end(id, store)
    })
    ended.then(
      () => done?.(),
      (error) => done?.(error),
    )
    return ended
  }
}
