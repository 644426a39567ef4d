import { memoryStore, type SessionRecord } from '@sojourn/core'
import { delayed, recorded, type StoreMoment, clock as startClock } from '@sojourn/core/testing'
import { type CachedOptions, cached } from '@sojourn/stores/cached'
import { sample } from '../kit/records.ts'

/** Two processes with caches of their own, `near` and `far`, in front of one store. */
export function processes(options: Partial<CachedOptions> = {}) {
  const clock = startClock()
  let delay: (moment: StoreMoment) => unknown = () => {}
  const store = recorded(memoryStore({ clock }))
  const process = () => {
    const behind = delayed(store, (moment) => delay(moment))
    return cached(behind, { staleFor: 10, clock, ...options })
  }
  return {
    clock,
    store,
    near: process(),
    far: process(),
    until: () => clock() + 1_800_000,
    /** The verbs that the store was asked since the last call. */
    calls: () => store.calls.splice(0).map(({ verb }) => verb),
    /** From now on each call waits for this, before and after it acts. */
    wait(next: (moment: StoreMoment) => unknown) {
      delay = next
    },
    /** Makes the next such moment wait, until it is let go. */
    hold(verb: StoreMoment['verb'], when: StoreMoment['when'] = 'before') {
      const gate = Promise.withResolvers<void>()
      const former = delay
      delay = (moment) => {
        if (moment.verb !== verb || moment.when !== when) return former(moment)
        delay = former
        return gate.promise
      }
      return { release: gate.resolve, fail: () => gate.reject(new Error('down')) }
    },
  }
}

/** The same, with a session that both have copies of. */
export async function kept(options: Partial<CachedOptions> = {}) {
  const at = processes(options)
  const record = sample(at.clock(), { data: { cart: ['tea'] } })
  at.store.create(record, at.until())
  for (const process of [at.near, at.far]) await process.read(record.id)
  at.calls()
  return { ...at, record }
}

export function changed(record: SessionRecord, by = 'us'): SessionRecord {
  return { ...record, version: record.version + 1, data: { by } }
}

/** Until what can go on has gone on. */
export async function settled(): Promise<void> {
  for (let tick = 0; tick < 50; tick++) await undefined
}
