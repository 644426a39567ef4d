import { memoryStore } from '@sojourn/core'
import { type CachedOptions, cached } from '@sojourn/stores/cached'
import { describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { changed, kept, processes } from './processes.ts'

describe('a read', () => {
  it('asks the store once, and from then on nobody', async () => {
    const { near, record, calls } = await kept()
    for (let i = 0; i < 10; i++) expect(near.read(record.id)).toEqual(record)
    expect(calls()).toEqual([])
  })

  it('is never as old as `staleFor`, to the millisecond', async () => {
    for (const staleFor of [1, 10, 600]) {
      const { near, far, clock, record } = await kept({ staleFor })
      await far.delete(record.id)
      clock.advance(staleFor - 0.001)
      expect(await near.read(record.id)).toEqual(record)
      clock.advance(0.001)
      expect(await near.read(record.id)).toBeNull()
    }
  })

  it('counts the age of a copy from before the store was asked, however slow it was', async () => {
    const { near, far, clock, record, hold } = await kept()
    clock.advance(10)
    const answer = hold('read', 'after')
    const reading = near.read(record.id)
    clock.advance(8)
    answer.release()
    expect(await reading).toEqual(record)
    await far.delete(record.id)
    clock.advance(1.999)
    expect(await near.read(record.id)).toEqual(record)
    clock.advance(0.001)
    expect(await near.read(record.id)).toBeNull()
  })

  it('takes no copy from before the clock was set back', async () => {
    const { near, far, clock, record } = await kept()
    await far.delete(record.id)
    clock.advance(-60)
    expect(await near.read(record.id)).toBeNull()
  })

  it('takes no copy from before the clock was set back when it comes to the same instant again', async () => {
    const { near, far, clock, record } = await kept()
    clock.advance(-3600)
    await near.read('another')
    await far.delete(record.id)
    clock.advance(3600)
    expect(await near.read(record.id)).toBeNull()
  })

  it('leaves no copy where the clock was set back before the answer', async () => {
    const { near, far, clock, record, hold } = await kept()
    clock.advance(10)
    const answer = hold('read', 'after')
    const reading = near.read(record.id)
    clock.advance(-3600)
    await near.read('another')
    answer.release()
    expect(await reading).toEqual(record)
    await far.delete(record.id)
    clock.advance(3600)
    expect(await near.read(record.id)).toBeNull()
  })

  it('that is authoritative goes past the copy, and leaves what it found', async () => {
    const { near, far, record, until, calls } = await kept()
    const next = changed(record)
    await far.update(next, until())
    expect(await near.read(record.id)).toEqual(record)
    expect(await near.read(record.id, { authoritative: true })).toEqual(next)
    calls()
    expect(await near.read(record.id)).toEqual(next)
    expect(calls()).toEqual([])
  })

  it('that is authoritative and finds nothing takes the copy away', async () => {
    const { near, far, record } = await kept()
    await far.delete(record.id)
    expect(await near.read(record.id)).toEqual(record)
    expect(await near.read(record.id, { authoritative: true })).toBeNull()
    expect(await near.read(record.id)).toBeNull()
  })

  it('keeps nothing of what is not there, so that a session is seen as soon as it is', async () => {
    const { near, far, clock, until } = processes()
    const record = sample(clock())
    expect(await near.read(record.id)).toBeNull()
    await far.create(record, until())
    expect(await near.read(record.id)).toEqual(record)
  })

  it('that fails is not kept, and takes no copy away', async () => {
    const { near, clock, record, hold } = await kept()
    const refuse = () => hold('read').fail()
    refuse()
    await expect(near.read(record.id, { authoritative: true })).rejects.toThrow('down')
    expect(await near.read(record.id)).toEqual(record)
    clock.advance(10)
    refuse()
    await expect(near.read(record.id)).rejects.toThrow('down')
    expect(await near.read(record.id)).toEqual(record)
  })

  it('that the store never answers keeps nobody else waiting', async () => {
    const { near, clock, record, hold } = await kept()
    clock.advance(10)
    hold('read')
    void near.read(record.id)
    expect(await near.read(record.id)).toEqual(record)
  })

  it('gives a copy each time, whether the store was asked or not', async () => {
    const { near, clock, record } = await kept()
    for (const after of [0, 0, 10]) {
      clock.advance(after)
      const mine = (await near.read(record.id)) as { data: { cart: string[] } } | null
      mine?.data.cart.push('coffee')
      expect(await near.read(record.id)).toEqual(record)
    }
  })

  it('of another session’s record is passed on, and not kept', async () => {
    const other = sample(0)
    const store = cached({ ...memoryStore(), read: () => other }, { staleFor: 10 })
    expect(await store.read('mine')).toEqual(other)
    expect(await store.read(other.id)).toEqual(other)
  })
})

describe('a write', () => {
  it('is read at once by who wrote, without asking the store again', async () => {
    const { near, clock, record, until, calls } = await kept()
    const next = changed(record)
    expect(await near.update(next, until())).toBe('updated')
    expect(await near.read(record.id)).toEqual(next)
    clock.advance(1)
    expect(await near.touch(record.id, clock(), until())).toBe(true)
    expect(await near.read(record.id)).toEqual({ ...next, lastSeenAt: clock() })
    expect(await near.touch(record.id, clock() - 500, until())).toBe(true)
    expect(await near.read(record.id)).toEqual({ ...next, lastSeenAt: clock() })
    const other = sample(clock())
    expect(await near.create(other, until())).toBe(true)
    expect(await near.read(other.id)).toEqual(other)
    expect(calls()).toEqual(['update', 'touch', 'touch', 'create'])
  })

  it('does not make a copy younger by touching it', async () => {
    const { near, far, clock, record, until } = await kept()
    await far.delete(record.id)
    await far.create(changed(record), until())
    clock.advance(9)
    await near.touch(record.id, clock(), until())
    expect((await near.read(record.id))?.version).toBe(1)
    clock.advance(1)
    expect((await near.read(record.id))?.version).toBe(2)
  })

  it('leaves no copy where the clock was set back before the answer', async () => {
    const { near, far, clock, record, until, hold } = await kept()
    const answer = hold('update', 'after')
    const writing = near.update(changed(record), until())
    clock.advance(-3600)
    answer.release()
    expect(await writing).toBe('updated')
    await far.delete(record.id)
    clock.advance(3600)
    expect(await near.read(record.id)).toBeNull()
  })

  it('from an old copy loses nothing: the store compares, and the copy goes', async () => {
    const { near, far, record, until } = await kept()
    const theirs = changed(record, 'them')
    await far.update(theirs, until())
    expect(await near.update(changed(record), until())).toBe('stale')
    expect(await near.read(record.id)).toEqual(theirs)
  })

  it.each(['update', 'touch', 'delete'] as const)(
    'that finds nothing takes the copy away: %s',
    async (verb) => {
      const { near, far, clock, record, until } = await kept()
      await far.delete(record.id)
      expect(await near.read(record.id)).toEqual(record)
      if (verb === 'update') expect(await near.update(changed(record), until())).toBe('missing')
      if (verb === 'touch') expect(await near.touch(record.id, clock(), until())).toBe(false)
      if (verb === 'delete') expect(await near.delete(record.id)).toBe(false)
      expect(await near.read(record.id)).toBeNull()
    },
  )

  it('of an id that is taken takes the copy away', async () => {
    const { near, far, record, until } = await kept()
    const theirs = changed(record, 'them')
    await far.update(theirs, until())
    expect(await near.create(record, until())).toBe(false)
    expect(await near.read(record.id)).toEqual(theirs)
  })
})

describe('the expiry', () => {
  it('is exact for what this process wrote, past every refresh of the copy', async () => {
    const { near, clock, calls } = processes()
    const record = sample(clock())
    await near.create(record, clock() + 25_000)
    for (const after of [0, 10, 10, 4.999]) {
      clock.advance(after)
      expect(await near.read(record.id)).toEqual(record)
    }
    expect(calls()).toEqual(['create', 'read', 'read'])
    clock.advance(0.001)
    expect(await near.read(record.id)).toBeNull()
  })

  it('may have been moved elsewhere: then the store is asked', async () => {
    const { near, far, clock, calls } = processes()
    const record = sample(clock())
    await near.create(record, clock() + 5000)
    await far.touch(record.id, clock(), clock() + 60_000)
    clock.advance(5)
    calls()
    expect(await near.read(record.id)).toEqual(record)
    expect(await near.read(record.id)).toEqual(record)
    expect(calls()).toEqual(['read'])
  })
})

describe('the cache', () => {
  it('holds `maxSessions` at most; the ones used longest ago go first', async () => {
    const { near, clock, until, calls } = processes({ maxSessions: 3 })
    const records = Array.from({ length: 4 }, () => sample(clock()))
    const [first, second, third, fourth] = records.map(({ id }) => id) as [
      string,
      string,
      string,
      string,
    ]
    for (const record of records.slice(0, 3)) await near.create(record, until())
    await near.read(first)
    await near.create(records[3] ?? sample(0), until())
    calls()
    for (const id of [first, third, fourth]) await near.read(id)
    expect(calls()).toEqual([])
    await near.read(second)
    expect(calls()).toEqual(['read'])
  })

  it('holds `maxBytes` at most, two for a character, and no session that is larger', async () => {
    const { near, clock, until, calls } = processes({ maxBytes: 10_000 })
    const sized = (text: string) => sample(clock(), { data: { text } })
    const records = ['a', 'b'].map((letter) => sized(letter.repeat(1500)))
    const large = sized('x'.repeat(5000))
    for (const record of [...records, large]) await near.create(record, until())
    calls()
    await near.read(large.id)
    expect(calls()).toEqual(['read'])
    for (const { id } of records) await near.read(id)
    expect(calls()).toEqual([])
    await near.create(sized('c'.repeat(1500)), until())
    calls()
    await near.read(records[1]?.id ?? '')
    expect(calls()).toEqual([])
    await near.read(records[0]?.id ?? '')
    expect(calls()).toEqual(['read'])
  })

  it('says that its reads may be old, and is the same store otherwise', () => {
    expect(processes().near.consistency).toBe('eventual')
    expect(processes().near.sweep(0, 1)).toBeInstanceOf(Promise)
  })

  it('names the option that is wrong', () => {
    const lax = { ...memoryStore(), consistency: 'eventual' as const }
    expect(() => cached(lax, { staleFor: 10 })).toThrow(
      new TypeError('"store" must be a strong store, got eventual'),
    )
    const fails = (options: Partial<CachedOptions>, message: string) =>
      expect(() => cached(memoryStore(), options as CachedOptions)).toThrow(new TypeError(message))
    for (const staleFor of [0, -1, 0.5, NaN, Infinity, '5' as never])
      fails({ staleFor }, `"staleFor" must be whole seconds from 1, got ${staleFor}`)
    fails({}, '"staleFor" must be whole seconds from 1, got undefined')
    fails({ staleFor: 1, maxSessions: 0 }, '"maxSessions" must be a count, got 0')
    fails({ staleFor: 1, maxBytes: 1.5 }, '"maxBytes" must be a count, got 1.5')
    fails({ staleFor: 1, clock: 5 as never }, '"clock" must be a function, got number')
  })
})
