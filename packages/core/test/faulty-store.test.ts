import { describe, expect, it } from 'vitest'
import { type AnyStore, memoryStore } from '../src/index.ts'
import { newRecord } from '../src/record.ts'
import { clock, faultyStore, type StoreCall, type StoreFault } from '../src/testing/index.ts'

const RECORD = { ...newRecord('a'.repeat(32), 0), version: 1, subject: 'ada' }
const { id } = RECORD
const error = new Error('down')

/** A store whose every call has this fault, and whether a `create` has reached what it stands before. */
function failing(fault: StoreFault) {
  const inner = memoryStore({ clock: clock(0) })
  const store = faultyStore(inner, () => fault)
  return {
    create: (): unknown => store.create(RECORD, 60_000),
    created: () => inner.read(id) !== null,
  }
}

const moments = [
  ['before', false],
  ['after', true],
] as const

describe('a faulty store', () => {
  it('without a fault is the store itself', () => {
    const calls: StoreCall[] = []
    const inner = memoryStore({ clock: clock(0) })
    const store = faultyStore(inner, (call) => void calls.push(call))
    expect(store.create(RECORD, 60_000)).toBe(true)
    expect(store.read(id)).toEqual(RECORD)
    expect(store.list('ada')).toEqual({ records: [RECORD], after: null })
    expect([store.size, store.secret()]).toEqual([1, inner.secret()])
    expect(calls).toEqual([
      { verb: 'create', id },
      { verb: 'read', id },
      { verb: 'list', id: 'ada' },
    ])
  })

  it.each(moments)('throws at once, %s it acts', (when, acts) => {
    const { create, created } = failing({ kind: 'throws', when, error })
    expect(create).toThrow(error)
    expect(created()).toBe(acts)
  })

  it.each(moments)('rejects, %s it acts', async (when, acts) => {
    const { create, created } = failing({ kind: 'rejects', when, error })
    await expect(create()).rejects.toBe(error)
    expect(created()).toBe(acts)
  })

  it('says that it was made to fail unless told what to say', async () => {
    const { create } = failing({ kind: 'rejects', when: 'before' })
    await expect(create()).rejects.toThrow('The store was made to fail')
  })

  it.each(moments)('hangs, %s it acts', async (when, acts) => {
    const { create, created } = failing({ kind: 'hangs', when })
    let answered = false
    const answer = () => {
      answered = true
    }
    Promise.resolve(create()).then(answer, answer)
    await new Promise((resolve) => setTimeout(resolve))
    expect([answered, created()]).toEqual([false, acts])
  })

  it.each(moments)('waits as long as it is told, %s it acts', async (when, acts) => {
    const gate = Promise.withResolvers<void>()
    const { create, created } = failing({ kind: 'late', when, delay: () => gate.promise })
    let answered = false
    const creating = Promise.resolve(create()).finally(() => {
      answered = true
    })
    await new Promise((resolve) => setTimeout(resolve))
    expect([answered, created()]).toEqual([false, acts])
    gate.resolve()
    expect(await creating).toBe(true)
    expect(created()).toBe(true)
  })

  it.each([
    ['before', [error, true]],
    ['after', [true, undefined, error]],
  ] as const)('answers more than once, and acts once: %s', async (when, expected) => {
    const { create, created } = failing({ kind: 'answers-twice', when, error })
    const answers: unknown[] = []
    const answer = (value: unknown) => void answers.push(value)
    const creating = create() as PromiseLike<unknown>
    await creating.then(answer, answer)
    await new Promise((resolve) => setTimeout(resolve))
    expect(answers).toEqual(expected)
    expect(created()).toBe(true)
  })

  it('that answers twice keeps a promise to its first answer', async () => {
    const failed = failing({ kind: 'answers-twice', when: 'before', error })
    await expect(Promise.resolve(failed.create())).rejects.toBe(error)
    const answered = failing({ kind: 'answers-twice', when: 'after', error })
    expect(await answered.create()).toBe(true)
  })

  it.each(moments)('answers garbage, %s it acts', async (when, acts) => {
    const { create, created } = failing({ kind: 'garbage', when, answer: 'OK' })
    expect(await create()).toBe('OK')
    expect(created()).toBe(acts)
  })

  it('passes on what the store itself fails at', async () => {
    const down = (): never => {
      throw error
    }
    const store = faultyStore<AnyStore>({ ...memoryStore(), read: down }, () => ({
      kind: 'garbage',
      when: 'after',
      answer: null,
    }))
    await expect(store.read(id)).rejects.toBe(error)
  })
})
