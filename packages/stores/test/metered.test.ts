import { DatabaseSync } from 'node:sqlite'
import { createSessions, memoryStore, type Store } from '@sojourn/core'
import { faultyStore, clock as startClock, storeContract } from '@sojourn/core/testing'
import { type MeteredOperation, metered } from '@sojourn/stores/metered'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { describe, expect, it } from 'vitest'
import { sample } from './kit/records.ts'

/** A metered memory store whose operations take 3 ms each, by the clock that measures them. */
function setup() {
  const clock = startClock()
  const told: MeteredOperation[] = []
  let time = 0
  const store = metered(memoryStore({ clock }), (operation) => void told.push(operation), {
    clock: () => (time += 3),
  })
  return { clock, store, told, until: () => clock() + 60_000 }
}

describe('a metered store keeps the contract of the store that it wraps:', () => {
  const cases = storeContract(
    ({ clock }) =>
      metered(sqliteStore({ database: new DatabaseSync(':memory:'), clock }), () => {}),
    { list: true, sweep: true },
  )
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})

describe('a metered store', () => {
  it('tells each operation with the id, what came of it, and how long it took', async () => {
    const { clock, store, told, until } = setup()
    const record = sample(clock(), { subject: 'ada' })
    const { id } = record
    const next = { ...record, version: 2 }
    await store.create(record, until())
    await store.create(record, until())
    await store.read(id)
    await store.update(next, until())
    await store.update(next, until())
    await store.touch(id, clock(), until())
    await store.list('ada')
    await store.delete(id)
    await store.delete(id)
    await store.touch(id, clock(), until())
    await store.update(next, until())
    await store.read(id)
    await store.sweep(clock(), 10)
    const [version, count] = [null, null]
    expect(told).toEqual(
      [
        { operation: 'create', id, outcome: 'created', version: 1, count },
        { operation: 'create', id, outcome: 'taken', version, count },
        { operation: 'read', id, outcome: 'found', version: 1, count },
        { operation: 'update', id, outcome: 'updated', version: 2, count },
        { operation: 'update', id, outcome: 'stale', version, count },
        { operation: 'touch', id, outcome: 'touched', version, count },
        { operation: 'list', id: null, outcome: 'listed', version, count: 1 },
        { operation: 'delete', id, outcome: 'deleted', version, count },
        { operation: 'delete', id, outcome: 'missing', version, count },
        { operation: 'touch', id, outcome: 'missing', version, count },
        { operation: 'update', id, outcome: 'missing', version, count },
        { operation: 'read', id, outcome: 'missing', version, count },
        { operation: 'sweep', id: null, outcome: 'swept', version, count: 0 },
      ].map((operation) => ({ ...operation, duration: 3 })),
    )
  })

  it('tells of a failure, thrown or rejected, once and with its error, and passes it on', async () => {
    const told: MeteredOperation[] = []
    const broken = {
      ...memoryStore(),
      read: () => {
        throw new Error('thrown')
      },
      delete: () => Promise.reject(new Error('rejected')),
    }
    const store = metered<Store>(broken, (operation) => void told.push(operation))
    expect(() => store.read('x')).toThrow('thrown')
    await expect(store.delete('x')).rejects.toThrow('rejected')
    expect(told).toMatchObject([
      { operation: 'read', id: 'x', outcome: 'failed', error: new Error('thrown') },
      { operation: 'delete', id: 'x', outcome: 'failed', error: new Error('rejected') },
    ])
  })

  it('answers at once where the store does, and tells of what comes later when it has come', async () => {
    const { store, told } = setup()
    expect(store.read('x')).toBeNull()
    expect(told).toHaveLength(1)

    const gate = Promise.withResolvers<null>()
    const later = metered<Store>(
      { ...memoryStore(), read: () => gate.promise },
      (operation) => void told.push(operation),
    )
    const answer = later.read('x')
    expect(told).toHaveLength(1)
    gate.resolve(null)
    expect(await answer).toBeNull()
    expect(told).toHaveLength(2)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('listener')
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
  ])('does not suffer from a listener that %s', async (_, listener) => {
    const store = metered(memoryStore(), listener as () => void)
    const { open, commit } = createSessions<{ visits: number }>({ store })
    const session = await open(new Request('https://app.test/'))
    session.set('visits', 1)
    const response = await commit(session, new Response())
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    const again = await open(new Request('https://app.test/', { headers: { cookie } }))
    expect(again.get('visits')).toBe(1)
  })

  it('does not suffer from an answer that no store may give', async () => {
    const told: MeteredOperation[] = []
    const odd = { ...memoryStore(), list: (_: string) => undefined as never }
    const store = metered(odd, (operation) => void told.push(operation))
    expect(store.list('ada')).toBeUndefined()
    expect(told).toEqual([])
  })

  it('names an `onOperation` that is no function', () => {
    expect(() => metered(memoryStore(), undefined as never)).toThrow(
      new TypeError('"onOperation" must be a function, got undefined'),
    )
  })

  it.each([
    ['before', 'failed'],
    ['after', 'missing'],
  ] as const)('tells once what answers twice: %s', async (when, outcome) => {
    const told: MeteredOperation[] = []
    const twice = faultyStore(memoryStore(), () => ({ kind: 'answers-twice', when }))
    const store = metered(twice, (operation) => void told.push(operation))
    await Promise.resolve(store.read('x'.repeat(32))).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve))
    expect(told).toMatchObject([{ operation: 'read', outcome }])
  })
})
