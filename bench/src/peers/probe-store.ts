import { memoryStore, type Store } from '@sojourn/core'
import type { Probe } from '../probe.ts'

const kept = new WeakMap<Probe, ReturnType<typeof memoryStore>>()

/** Sojourn's store in memory, whose calls a probe sees. */
export function probeStore(probe: Probe): Store {
  const store = kept.get(probe) ?? memoryStore()
  kept.set(probe, store)
  return {
    consistency: 'strong',
    read: (...args) => probe.asked('read', () => store.read(...args)),
    create: (...args) => probe.asked('write', () => store.create(...args)),
    update: (...args) => probe.asked('write', () => store.update(...args)),
    touch: (...args) => probe.asked('write', () => store.touch(...args)),
    delete: (...args) => probe.asked('delete', () => store.delete(...args)),
  }
}
