import { describe, expect, it } from 'vitest'
import { type AnyStore, memoryStore } from '../src/index.ts'
import { type ContractCase, delayed, storeContract } from '../src/testing/index.ts'
import { BROKEN } from './broken-stores.ts'
import { PlainStore } from './plain-store.ts'

const POWERS = { list: true, sweep: true }

/** The names of the cases that a store fails. */
async function failures(cases: readonly ContractCase[]): Promise<string[]> {
  const names: string[] = []
  for (const { name, run } of cases) {
    await run().catch((error: unknown) => {
      expect(error).toBeInstanceOf(Error)
      names.push(name)
    })
  }
  return names
}

describe('the contract', () => {
  const cases = storeContract(({ clock }) => new PlainStore(clock), POWERS)

  it('is kept by the plainest store there is', async () => {
    expect(await failures(cases)).toEqual([])
  })

  it('is kept by a store that answers later', async () => {
    const nextTurn = () => Promise.resolve()
    const slow = storeContract(({ clock }) => delayed(new PlainStore(clock), nextTurn), POWERS)
    expect(await failures(slow)).toEqual([])
  })

  it('has a name for each case', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  it('marks the cases that only a strongly consistent store can keep', () => {
    const strong = cases.filter((one) => one.strong).map(({ name }) => name)
    expect(strong.length).toBeGreaterThan(0)
    expect(strong.every((name) => /simultaneous|same|under way|try again/.test(name))).toBe(true)
  })

  it('asks for the further powers only where they are claimed', async () => {
    const less = storeContract(({ clock }) => withoutPowers(new PlainStore(clock)))
    expect(less.length).toBeLessThan(cases.length)
    expect(await failures(less)).toEqual([])
  })

  it.each([
    ['claimed and not there', withoutPowers, POWERS],
    ['there and not claimed', (store: AnyStore) => store, {}],
  ])('fails a power that is %s', async (_, change, powers) => {
    const [first, ...rest] = storeContract(({ clock }) => change(new PlainStore(clock)), powers)
    expect(await failures(first ? [first] : [])).toEqual([first?.name])
    expect(rest.length).toBeGreaterThan(0)
  })

  it('says what was expected and what came instead', async () => {
    const [, row] = storeContract(
      () => ({ ...memoryStore(), read: () => undefined as never }),
      POWERS,
    )
    await expect(row?.run()).rejects.toThrow('read of an unknown id: expected null, got undefined')
  })
})

describe('a store that', () => {
  const verdicts = new Map<string, Promise<string[]>>()

  function verdict(flaw: string, Store: typeof PlainStore): Promise<string[]> {
    const cases = storeContract(({ clock }) => new Store(clock), POWERS)
    const names = verdicts.get(flaw) ?? failures(cases)
    verdicts.set(flaw, names)
    return names
  }

  it.each(Object.entries(BROKEN))('%s fails', async (flaw, Store) => {
    expect(await verdict(flaw, Store)).not.toEqual([])
  })

  it('breaks one promise shows that each case can fail', { timeout: 60_000 }, async () => {
    const failed = new Set<string>()
    for (const [flaw, Store] of Object.entries(BROKEN)) {
      for (const name of await verdict(flaw, Store)) failed.add(name)
    }
    const cases = storeContract(({ clock }) => new PlainStore(clock), POWERS)
    expect(cases.map(({ name }) => name).filter((name) => !failed.has(name))).toEqual([])
  })
})

// The five verbs alone. Those of a class are not its own members, so they cannot be spread.
function withoutPowers(store: AnyStore): AnyStore {
  return {
    consistency: store.consistency,
    read: (id) => store.read(id),
    create: (record, expiresAt) => store.create(record, expiresAt),
    update: (record, expiresAt) => store.update(record, expiresAt),
    touch: (id, lastSeenAt, expiresAt) => store.touch(id, lastSeenAt, expiresAt),
    delete: (id) => store.delete(id),
  }
}
