import { type MemoryStore, memoryStore } from '@sojourn/core'

/** A store in memory that tells what it was asked. */
export function countedStore(): MemoryStore & { readonly calls: string[] } {
  const store = memoryStore()
  const calls: string[] = []
  const counted = Object.fromEntries(
    (['read', 'create', 'update', 'touch', 'delete'] as const).map((verb) => [
      verb,
      (...args: never[]) => {
        calls.push(verb)
        return (store[verb] as (...given: never[]) => unknown)(...args)
      },
    ]),
  )
  return Object.assign(Object.create(store), counted, { calls })
}
