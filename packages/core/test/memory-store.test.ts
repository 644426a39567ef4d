import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type MemoryStoreOptions, memoryStore, type SessionRecord } from '../src/index.ts'
import { newRecord } from '../src/record.ts'
import { clock as startClock, storeContract } from '../src/testing/index.ts'

const MINUTE = 60_000

/** A store, its clock, and records for it that all end after 30 minutes. */
function setup(options: MemoryStoreOptions = {}) {
  const clock = startClock()
  const store = memoryStore({ clock, ...options })
  return {
    clock,
    store,
    add(name: string, facts: Partial<SessionRecord> = {}): boolean {
      return store.create(named(name, clock(), facts), clock() + 30 * MINUTE) as boolean
    },
  }
}

function named(name: string, now: number, facts: Partial<SessionRecord> = {}): SessionRecord {
  return { ...newRecord(name.padEnd(32, '-'), now), version: 1, ...facts }
}

function idOf(name: string): string {
  return name.padEnd(32, '-')
}

function bytesOf(record: SessionRecord): number {
  const text = JSON.stringify(record)
  return Array.from(text).every((char) => char < '\u0100') ? text.length : 2 * text.length
}

describe('the memory store keeps the contract [D5, D14, G7, L1, L2, L3, L4, L5, L6, L7]:', () => {
  const powers = { list: true, sweep: true }
  const cases = storeContract(({ clock }) => memoryStore({ clock }), powers)
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})

describe('the memory store', () => {
  it('is strongly consistent and limits no touches', () => {
    const { store } = setup()
    expect(store.consistency).toBe('strong')
    expect(store.leastTouchInterval).toBeUndefined()
  })

  it('keeps at most so many sessions', () => {
    const { store, add } = setup({ maxSessions: 3 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name)
    expect(store.size).toBe(3)
    expect(store.read(idOf('e'))).not.toBeNull()
  })

  it('keeps what is in use, however many others come', () => {
    const { store, clock, add } = setup({ maxSessions: 10 })
    for (const name of ['read', 'written']) add(name)
    for (let version = 2; version < 200; version++) {
      add(`passing-${version}`)
      expect(store.read(idOf('read'))).not.toBeNull()
      const record = named('written', clock(), { version })
      expect(store.update(record, clock() + MINUTE)).toBe('updated')
    }
    expect(store.size).toBe(10)
  })

  it('lets go what was not used since as many others came as it holds, twice', () => {
    const { store, add } = setup({ maxSessions: 10 })
    add('left')
    for (let count = 0; count < 20; count++) add(`passing-${count}`)
    expect(store.read(idOf('left'))).toBeNull()
  })

  it('keeps at most so many bytes: what was not used goes', () => {
    const size = bytesOf(named('a', startClock()(), { data: { text: 'x'.repeat(1000) } }))
    const { store, add } = setup({ maxBytes: 3 * size })
    for (const name of ['a', 'b', 'c', 'd']) add(name, { data: { text: 'x'.repeat(1000) } })
    expect([store.size, store.bytes]).toEqual([3, 3 * size])

    const tight = setup({ maxBytes: 3 * size - 1 })
    for (const name of ['a', 'b', 'c']) tight.add(name, { data: { text: 'x'.repeat(1000) } })
    expect([tight.store.size, tight.store.bytes]).toEqual([2, 2 * size])
    expect(tight.store.read(idOf('c'))).not.toBeNull()
  })

  it('keeps a record of 1 MB [L2]', () => {
    const { store, add } = setup()
    const data = { text: 'x'.repeat(2 ** 20) }
    add('a', { data })
    expect(store.read(idOf('a'))).toMatchObject({ data })
  })

  it('makes room for a record that grows', () => {
    const { store, clock, add } = setup({ maxBytes: 2000 })
    for (const name of ['a', 'b', 'c']) add(name)
    const big = named('c', clock(), { version: 2, data: { text: 'x'.repeat(1500) } })
    expect(store.update(big, clock() + MINUTE)).toBe('updated')
    expect(store.read(idOf('c'))).toEqual(big)
    expect([store.size, store.bytes]).toEqual([1, bytesOf(big)])
  })

  it('counts two bytes a character as soon as one character needs them', () => {
    const { store, add } = setup()
    add('a', { data: { text: 'naïve' } })
    expect(store.bytes).toBe(JSON.stringify(store.read(idOf('a'))).length)
    add('b', { data: { text: 'naïve 🍪' } })
    store.delete(idOf('a'))
    expect(store.bytes).toBe(JSON.stringify(store.read(idOf('b'))).length * 2)
  })

  it('refuses a record that is larger than everything it may hold, and keeps the old one [J4]', () => {
    const { store, clock, add } = setup({ maxBytes: 2000 })
    add('a', { data: { cart: ['tea'] } })
    add('b')
    const before = store.read(idOf('a'))
    const bytes = store.bytes
    const big = { version: 2, data: { text: 'x'.repeat(2000) } }
    const until = clock() + MINUTE
    expect(() => store.update(named('a', clock(), big), until)).toThrow(RangeError)
    expect(() => store.create(named('c', clock(), big), until)).toThrow('"maxBytes" <')
    expect(store.read(idOf('a'))).toEqual(before)
    expect(store.read(idOf('b'))).not.toBeNull()
    expect(store.read(idOf('c'))).toBeNull()
    expect([store.size, store.bytes]).toEqual([2, bytes])
  })

  it('refuses a record that is no JSON, and keeps the old one [I14]', () => {
    const { store, clock, add } = setup()
    add('a')
    const before = store.read(idOf('a'))
    const odd = named('a', clock(), { version: 2, data: { big: 1n as never } })
    expect(() => store.update(odd, clock() + MINUTE)).toThrow(TypeError)
    expect(store.read(idOf('a'))).toEqual(before)
  })

  it('removes what has expired while it works, though nobody asks for it', () => {
    const { store, clock, add } = setup()
    for (let count = 0; count < 100; count++) add(`old-${count}`)
    clock.advance(30 * 60)
    for (let count = 0; count < 100; count++) add(`new-${count}`)
    expect(store.size).toBe(100)
  })

  it('holds what has expired until it is swept', () => {
    const { store, clock, add } = setup()
    for (const name of ['a', 'b', 'c']) add(name, { subject: 'ada' })
    clock.advance(30 * 60)
    expect(store.size).toBe(3)
    expect(store.sweep(clock(), 2)).toBe(2)
    expect(store.size).toBe(1)
    expect(store.sweep(clock(), 2)).toBe(1)
    expect([store.size, store.bytes]).toEqual([0, 0])
  })

  it('revives nothing that it found expired when the clock goes back [D13]', () => {
    const { store, clock, add } = setup()
    for (const name of ['a', 'b']) add(name, { subject: 'ada' })
    clock.advance(30 * 60)
    expect(store.read(idOf('a'))).toBeNull()
    expect(store.list('ada')).toMatchObject({ records: [] })
    clock.advance(-3600)
    expect(store.read(idOf('a'))).toBeNull()
    expect(store.list('ada')).toMatchObject({ records: [] })
  })

  it('lists a subject with more than 1000 sessions [L9]', () => {
    const { store, add } = setup()
    for (let count = 0; count < 1001; count++) add(`s${count}`, { subject: 'ada' })
    let listed = 0
    for (let after: string | null = null, more = true; more; more = after !== null) {
      const page = store.list('ada', { after }) as { records: unknown[]; after: string | null }
      listed += page.records.length
      after = page.after
    }
    expect(listed).toBe(1001)
  })

  it('draws a secret of 32 bytes, the same for life and another for each store', () => {
    const [store, other] = [memoryStore(), memoryStore()]
    const secret = store.secret()
    expect(secret).toHaveLength(32)
    expect(new Set(secret).size).toBeGreaterThan(8)
    expect(store.secret()).toEqual(secret)
    expect(other.secret()).not.toEqual(secret)
  })

  it.each([
    ['maxSessions', 0],
    ['maxSessions', -1],
    ['maxSessions', 0.5],
    ['maxSessions', '3' as unknown as number],
    ['maxBytes', 0],
    ['maxBytes', Number.NaN],
  ])('names an option that is wrong: %s %s', (option, value) => {
    expect(() => memoryStore({ [option]: value })).toThrow(
      new TypeError(
        `"${option}" must be a count, got ${typeof value === 'string' ? `"${value}"` : value}`,
      ),
    )
  })

  it('reads Date.now where no clock is given', () => {
    const store = memoryStore()
    store.create(named('a', Date.now()), Date.now() + MINUTE)
    store.create(named('b', Date.now()), Date.now() - 1)
    expect(store.read(idOf('a'))).not.toBeNull()
    expect(store.read(idOf('b'))).toBeNull()
  })
})

describe('the memory store, whatever happens to it,', () => {
  afterEach(() => void vi.unstubAllGlobals())

  const name = fc.constantFrom(...'abcdefgh')
  const subject = fc.constantFrom('ada', 'bob', null)
  const text = fc.constantFrom('', 'x'.repeat(300), '🍪'.repeat(50))
  const minutes = fc.integer({ min: 1, max: 60 })
  const operation = fc.oneof(
    fc.record({ verb: fc.constant('create' as const), name, subject, text, minutes }),
    fc.record({ verb: fc.constant('update' as const), name, subject, text, minutes }),
    fc.record({ verb: fc.constant('touch' as const), name, minutes }),
    fc.record({ verb: fc.constant('read' as const), name }),
    fc.record({ verb: fc.constant('delete' as const), name }),
    fc.record({ verb: fc.constant('pass' as const), minutes }),
    fc.record({ verb: fc.constant('sweep' as const), limit: fc.integer({ min: 0, max: 5 }) }),
  )
  const operations = fc.array(operation, { maxLength: 200 })
  type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

  /** What is live, as the plainest model has it, and the text that each record was last written as. */
  function model({ store, clock }: ReturnType<typeof setup>) {
    const kept = new Map<string, { record: SessionRecord; written: SessionRecord; until: number }>()
    const live = (id: string) => {
      const found = kept.get(id)
      return found && found.until > clock() ? found : undefined
    }
    return {
      kept,
      live,
      /** Does an operation here and there; gives back both answers. */
      apply(one: Operation): { answer: unknown; expected: unknown } {
        if (one.verb === 'pass')
          return { answer: clock.advance(one.minutes * 30), expected: undefined }
        if (one.verb === 'sweep') {
          store.sweep(clock(), one.limit)
          return { answer: true, expected: true }
        }
        const id = idOf(one.name)
        const found = live(id)
        if (one.verb === 'read') return { answer: store.read(id), expected: found?.record ?? null }
        if (one.verb === 'delete') {
          kept.delete(id)
          return { answer: store.delete(id), expected: !!found }
        }
        const until = clock() + one.minutes * MINUTE
        if (one.verb === 'touch') {
          if (found) {
            found.record = { ...found.record, lastSeenAt: clock() }
            found.until = Math.max(found.until, until)
          }
          return { answer: store.touch(id, clock(), until), expected: !!found }
        }
        const version = one.verb === 'create' ? 1 : (found?.record.version ?? 0) + 1
        const facts = { version, subject: one.subject, data: { text: one.text } }
        const record = named(one.name, clock(), facts)
        const writes = one.verb === 'create' ? !found : !!found
        if (writes) kept.set(id, { record, written: record, until })
        if (one.verb === 'create') return { answer: store.create(record, until), expected: writes }
        return { answer: store.update(record, until), expected: writes ? 'updated' : 'missing' }
      },
    }
  }

  it('answers as the plainest model does, and counts its sessions and bytes to the byte', () => {
    const property = fc.property(operations, (all) => {
      const site = setup()
      const { store, clock } = site
      const { kept, live, apply } = model(site)
      for (const one of all) {
        const { answer, expected } = apply(one)
        expect(answer).toEqual(expected)
      }
      store.sweep(clock(), Number.POSITIVE_INFINITY)
      const alive = [...kept.keys()].flatMap((id) => live(id) ?? [])
      expect(store.size).toBe(alive.length)
      expect(store.bytes).toBe(alive.reduce((sum, { written }) => sum + bytesOf(written), 0))
      for (const name of ['ada', 'bob']) {
        const records = alive.map(({ record }) => record).filter((one) => one.subject === name)
        records.sort((a, b) => (a.id < b.id ? -1 : 1))
        expect(store.list(name)).toEqual({ records, after: null })
      }
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('stays within its limits, and still counts to the byte what it kept', () => {
    const property = fc.property(operations, (all) => {
      const site = setup({ maxSessions: 5, maxBytes: 3000 })
      const { store, clock } = site
      const { kept, apply } = model(site)
      for (const one of all) {
        const { answer } = apply(one)
        expect(store.size).toBeLessThanOrEqual(5)
        expect(store.bytes).toBeLessThanOrEqual(3000)
        if (one.verb === 'create' && answer === true) {
          expect(store.read(idOf(one.name))).toMatchObject({ version: 1 })
        }
        // What was evicted is gone for the model too.
        for (const id of kept.keys()) if (!store.read(id)) kept.delete(id)
      }
      store.sweep(clock(), Number.POSITIVE_INFINITY)
      let bytes = 0
      for (const [id, { record, written }] of kept) {
        expect(store.read(id)).toEqual(record)
        bytes += bytesOf(written)
      }
      expect([store.size, store.bytes]).toEqual([kept.size, bytes])
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('holds nothing once its sessions are gone, not even the names of subjects', () => {
    const maps: Map<unknown, unknown>[] = []
    class WatchedMap extends Map {
      constructor() {
        super()
        maps.push(this)
      }
    }
    vi.stubGlobal('Map', WatchedMap)
    const site = setup({ maxSessions: 50 })
    vi.unstubAllGlobals()
    const { store, clock, add } = site
    for (let count = 0; count < 2000; count++) {
      add(`s${count}`, { subject: `user-${count}` })
      const next = named(`s${count}`, clock(), { version: 2, subject: `other-${count}` })
      store.update(next, clock() + 30 * MINUTE)
      if (count % 3 === 0) store.delete(idOf(`s${count}`))
      if (count % 7 === 0) clock.advance(20 * 60)
    }
    expect(store.size).toBeGreaterThan(0)
    clock.advance(3600)
    store.sweep(clock(), 1000)
    expect(maps.length).toBeGreaterThan(0)
    expect(maps.map(({ size }) => size)).toEqual(maps.map(() => 0))
    expect(store.bytes).toBe(0)
  })
})
