import { memoryStore } from '@sojourn/core'
import { storeContract } from '@sojourn/core/testing'
import { cached } from '@sojourn/stores/cached'
import { describe, it } from 'vitest'

describe('cached in workerd, the memory store keeps the whole contract:', () => {
  const cases = storeContract(
    ({ clock }) => cached(memoryStore({ clock }), { staleFor: 60, clock }),
    { list: true, sweep: true },
  )
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})
