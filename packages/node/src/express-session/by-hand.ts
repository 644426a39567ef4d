import { answerOf, type ConnectStore, type Done, isByHand } from './connect.ts'
import { sharedBy } from './in-turn.ts'
import { saveByHand } from './session.ts'

/** Lets a session of a request that an application stores by hand be saved as it saves itself: what stands in a store has more to it. */
export function saveItself(store: ConnectStore): void {
  const { set } = store
  store.set = (id, session, done) =>
    saveByHand(id, session, done) || set.call(store, id, session, done)
}

/** Lets what an application destroys by hand end as well in what has become of it since. */
export function endEverywhere(
  store: ConnectStore,
  elsewhere: (id: string, store: ConnectStore) => Promise<void>,
): void {
  const { destroy } = store
  const { ended: tellEnded } = sharedBy(store)
  store.destroy = (id: string, done?: Done) => {
    if (!isByHand(done) || typeof id !== 'string') return destroy.call(store, id, done)
    // What is written meanwhile, or right after, is undone.
    tellEnded(id)
    const ended = answerOf((own) => destroy.call(store, id, own)).then(() => {
      tellEnded(id)
      return elsewhere(id, store)
    })
    ended.then(
      () => done?.(),
      (error) => done?.(error),
    )
    return done ? undefined : ended
  }
}
