import { DatabaseSync } from 'node:sqlite'
import { type AnyStore, memoryStore, type SessionRecord, type Store } from '@sojourn/core'
import { type Clock, storeContract } from '@sojourn/core/testing'
import { cached } from '@sojourn/stores/cached'
import { encrypted } from '@sojourn/stores/encrypted'
import { metered } from '@sojourn/stores/metered'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { describe, expect, it } from 'vitest'
import { sample } from './kit/records.ts'

type Wrap = <S extends AnyStore>(store: S, clock?: () => number) => S

const seal: Wrap = (store) => encrypted(store, 'a key of 32 bytes and a few more') as typeof store
const meter: Wrap = (store) => metered(store, () => {})
const cache: Wrap = (store, clock = Date.now) =>
  cached(store, { staleFor: 300, clock }) as typeof store

/** A store that keeps nothing, with members of its own. */
class Counting implements Store {
  readonly consistency = 'strong'
  readonly leastTouchInterval = 7
  #reads = 0
  get reads(): number {
    return this.#reads
  }
  read(_: string): SessionRecord | null {
    this.#reads++
    return null
  }
  create(): boolean {
    return true
  }
  update(): 'updated' {
    return 'updated'
  }
  touch(): boolean {
    return true
  }
  delete(): boolean {
    return true
  }
  reset(): void {
    this.#reads = 0
  }
}

describe.each([
  ['metered', meter],
  ['encrypted', seal],
  ['cached', cache],
] as const)('a store that is %s', (_, wrap) => {
  it('has the powers of the store and no others, and what else it has, on the store’s own `this`', async () => {
    const own = new Counting()
    const store = wrap(own)
    await store.read('x')
    expect(store).toMatchObject({ leastTouchInterval: 7, reads: 1 })
    expect('list' in store || 'sweep' in store || 'secret' in store).toBe(false)
    const powers: AnyStore = store
    expect([powers.list, powers.sweep, powers.secret]).toEqual([undefined, undefined, undefined])
    store.reset()
    expect(own.reads).toBe(0)
    expect(store).toBeInstanceOf(Counting)

    const memory = memoryStore()
    expect(wrap(memory).secret()).toEqual(memory.secret())
    expect(wrap(memory).size).toBe(0)
  })

  it('may be frozen, sealed, or spread into another', async () => {
    const record = sample(Date.now(), { subject: 'ada' })
    const until = Date.now() + 60_000
    for (const store of [
      wrap(Object.freeze(memoryStore())),
      wrap(Object.seal(memoryStore())),
      { ...wrap(memoryStore()) },
    ]) {
      expect(await store.create(record, until)).toBe(true)
      expect(await store.read(record.id)).toEqual(record)
      expect((await store.list('ada')).records).toEqual([record])
      expect(Object.keys(store)).toEqual(Object.keys(memoryStore()))
      expect(await store.sweep(until, 10)).toBe(1)
    }
    expect(wrap(Object.freeze(new Counting())).consistency).toBeTypeOf('string')
  })

  it('rejects where the store throws at once, like any that fails', async () => {
    const down = () => {
      throw new Error('down')
    }
    const broken = { read: down, create: down, update: down, touch: down, delete: down, list: down }
    const store = wrap({ ...memoryStore(), ...broken } as AnyStore)
    const record = sample(0)
    const calls = [
      () => store.read(record.id),
      () => store.create(record, 1),
      () => store.update(record, 1),
      () => store.touch(record.id, 0, 1),
      () => store.delete(record.id),
      () => store.list?.('ada'),
    ]
    for (const call of calls) await expect((async () => call())()).rejects.toThrow('down')
  })
})

describe.each([
  ['metered(cached(encrypted(store)))', (store, clock) => meter(cache(seal(store), clock))],
  ['encrypted(cached(metered(store)))', (store, clock) => seal(cache(meter(store), clock))],
  ['cached(metered(encrypted(store)))', (store, clock) => cache(meter(seal(store)), clock)],
] as [string, (store: AnyStore, clock: Clock) => AnyStore][])(
  '%s keeps the whole contract:',
  (_, compose) => {
    const cases = storeContract(
      ({ clock }) => compose(sqliteStore({ database: new DatabaseSync(':memory:'), clock }), clock),
      { list: true, sweep: true },
    )
    it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
  },
)
