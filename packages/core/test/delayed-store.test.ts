import { describe, expect, it } from 'vitest'
import { type AnyStore, memoryStore } from '../src/index.ts'
import { newRecord } from '../src/record.ts'
import { clock, delayed, recorded, type StoreMoment } from '../src/testing/index.ts'
import { PlainStore } from './plain-store.ts'

const RECORD = { ...newRecord('a'.repeat(32), 0), version: 1, subject: 'ada' }
const { id } = RECORD

async function useEveryVerb(store: AnyStore): Promise<void> {
  await store.create(RECORD, 60_000)
  await store.read(id)
  await store.update({ ...RECORD, version: 2 }, 60_000)
  await store.touch(id, 1, 60_000)
  await store.list?.('ada')
  await store.sweep?.(0, 10)
  await store.delete(id)
}

const USED = [
  { verb: 'create', id },
  { verb: 'read', id },
  { verb: 'update', id },
  { verb: 'touch', id },
  { verb: 'list', id: 'ada' },
  { verb: 'sweep', id: null },
  { verb: 'delete', id },
]

describe('a recorded store', () => {
  it('knows every call, in order', async () => {
    const store = recorded(memoryStore({ clock: clock(0) }))
    expect(store.calls).toEqual([])
    await useEveryVerb(store)
    expect(store.calls).toEqual(USED)
    expect(store.calls.splice(0)).toHaveLength(7)
    expect(store.calls).toEqual([])
  })

  it('knows a call that fails', () => {
    const store = recorded({
      ...memoryStore(),
      read(_id: string) {
        throw new Error('down')
      },
    })
    expect(() => store.read(id)).toThrow('down')
    expect(store.calls).toEqual([{ verb: 'read', id }])
  })

  it('answers as early as the store does', () => {
    const store = recorded(memoryStore({ clock: clock(0) }))
    expect(store.create(RECORD, 60_000)).toBe(true)
    expect(store.read(id)).toEqual(RECORD)
  })

  it('is the store itself in everything else', () => {
    const inner = memoryStore({ clock: clock(0) })
    const store = recorded(inner)
    expect(store.consistency).toBe('strong')
    expect(store.secret()).toBe(inner.secret())
    inner.create(RECORD, 60_000)
    expect([store.size, store.bytes]).toEqual([1, inner.bytes])
    expect(store.calls).toEqual([])
  })
})

describe('a delayed store', () => {
  it('waits before and after every verb', async () => {
    const moments: StoreMoment[] = []
    await useEveryVerb(
      delayed(memoryStore({ clock: clock(0) }), (moment) => void moments.push(moment)),
    )
    const both = USED.flatMap((call) => [
      { ...call, when: 'before' },
      { ...call, when: 'after' },
    ])
    expect(moments).toEqual(both)
  })

  it('lets a test decide what overlaps', async () => {
    const inner = memoryStore({ clock: clock(0) })
    inner.create(RECORD, 60_000)
    const gate = Promise.withResolvers<void>()
    const slow = delayed(inner, ({ verb, when }) => {
      return verb === 'update' && when === 'before' && gate.promise
    })
    const update = slow.update({ ...RECORD, version: 2 }, 60_000)
    expect(await slow.delete(id)).toBe(true)
    gate.resolve()
    expect(await update).toBe('missing')
  })

  it('rejects where the store throws', async () => {
    const store = delayed({
      ...memoryStore(),
      read(_id: string) {
        throw new Error('down')
      },
    })
    await expect(store.read(id)).rejects.toThrow('down')
  })

  it('answers in a later task unless told otherwise', async () => {
    const store = delayed(memoryStore({ clock: clock(0) }))
    const order: string[] = []
    const created = Promise.resolve(store.create(RECORD, 60_000)).then(() => order.push('create'))
    await Promise.resolve()
    order.push('microtask')
    await created
    expect(order).toEqual(['microtask', 'create'])
  })

  it.each([delayed, recorded])('has the powers of the store and no others: %o', (wrap) => {
    const { list: _, sweep: __, secret: ___, ...five } = memoryStore()
    const powers = ({ list, sweep, secret }: AnyStore) => [list, sweep, secret].map((one) => !!one)
    expect(powers(wrap(memoryStore()))).toEqual([true, true, true])
    expect(powers(wrap(five))).toEqual([false, false, false])
    expect(powers(wrap(new PlainStore(clock())))).toEqual([true, true, false])
  })

  it.each([delayed, recorded])('works for a class with private members: %o', async (wrap) => {
    class Private extends PlainStore {
      readonly #answer = null
      override read(_id: string) {
        return this.#answer
      }
    }
    expect(await wrap(new Private(clock())).read(id)).toBeNull()
  })

  it.each([delayed, recorded])(
    'works for a store that is frozen, or spread into another: %o',
    async (wrap) => {
      const stores: AnyStore[] = [
        wrap(Object.freeze(memoryStore({ clock: clock(0) }))),
        { ...wrap(memoryStore({ clock: clock(0) })) },
      ]
      for (const store of stores) {
        expect(await store.create(RECORD, 60_000)).toBe(true)
        expect(await store.read(id)).toEqual(RECORD)
        expect(Object.keys(store)).toEqual(Object.keys(memoryStore()))
      }
    },
  )
})
