import { createSessions, memoryStore } from '@sojourn/core'
import { storeContract } from '@sojourn/core/testing'
import { encrypted } from '@sojourn/stores/encrypted'
import { describe, expect, it } from 'vitest'
import { KEY, VECTOR, VECTOR_OPEN } from './vector.ts'

// At a Worker's global scope, where nothing may be derived yet.
const store = encrypted(memoryStore(), KEY)
const { open, commit } = createSessions({ store, secret: KEY })

describe('sealed in workerd, the memory store keeps the whole contract:', () => {
  const cases = storeContract(({ clock }) => encrypted(memoryStore({ clock }), KEY), {
    list: true,
    sweep: true,
  })
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})

describe('a sealed session in workerd', () => {
  it('is carried from request to request', async () => {
    const session = (await open(new Request('https://app.test/'))).set('cart', ['tea'])
    const response = await commit(session, new Response())
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    const again = await open(new Request('https://app.test/', { headers: { cookie } }))
    expect(again.get('cart')).toEqual(['tea'])
  })

  it('may have been sealed on Node', async () => {
    const memory = memoryStore({ clock: () => VECTOR.createdAt })
    memory.create(VECTOR, VECTOR.createdAt + 1)
    expect(await encrypted(memory, KEY).read(VECTOR.id)).toEqual(VECTOR_OPEN)
  })
})
