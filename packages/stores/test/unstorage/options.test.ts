import { unstorageStore } from '@sojourn/stores/unstorage'
import { createStorage, prefixStorage, type Storage } from 'unstorage'
import { describe, expect, it } from 'vitest'

describe('a wrong option', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'object'],
    ['redis://127.0.0.1', '"redis://127.0.0.1"'],
    [{}, 'object'],
    [{ getItem() {}, setItem() {} }, 'object'],
  ])('is named at construction: storage %o', (storage, got) => {
    expect(() => unstorageStore({ storage: storage as never })).toThrow(
      new TypeError(`"storage" must be a storage of unstorage’s createStorage, got ${got}`),
    )
  })

  it.each(['', ':', 'a:', ':a', 'a::b', 'a/b', '../a', 'a?b', 'a*', 'é', 'x'.repeat(101), 7, null])(
    'is named at construction: prefix %o',
    (prefix) => {
      const make = () => unstorageStore({ storage: createStorage(), prefix: prefix as string })
      expect(make).toThrow(TypeError)
      expect(make).toThrow('"prefix" must be at most 100 of A-Z a-z 0-9 _ - with single colons')
    },
  )
})

describe('what a store asks of its storage when it is made', () => {
  it('is nothing, since at a Worker’s global scope much is refused', () => {
    const asked: string[] = []
    const note = (name: string) => () => {
      asked.push(name)
      throw new Error(name)
    }
    const storage = Object.fromEntries(
      ['getItem', 'setItem', 'removeItem', 'getKeys', 'getMount'].map((name) => [name, note(name)]),
    )
    unstorageStore({ storage: storage as never })
    expect(asked).toEqual([])
  })
})

describe('the types', () => {
  it('take storages as unstorage has them', () => {
    const storage: Storage = createStorage()
    const all = [storage, prefixStorage(storage, 'sessions'), createStorage<string>()]
    expect(all.map((one) => unstorageStore({ storage: one }).consistency)).toEqual(
      all.map(() => 'eventual'),
    )
  })
})
