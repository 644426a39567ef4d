import { describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { changed, kept, settled } from './processes.ts'

/** A session whose copy has run out, so that a read asks the store. */
async function forgotten(options = {}) {
  const at = await kept(options)
  at.clock.advance(10)
  return at
}

describe('a read that began before', () => {
  it.each(['update', 'touch', 'delete'] as const)(
    'this process’s %s, and is answered after it, puts no older record back',
    async (verb) => {
      const { near, store, clock, record, until, hold, calls } = await forgotten()
      const answer = hold('read', 'after')
      const reading = near.read(record.id)
      await settled()
      if (verb === 'update') await near.update(changed(record), until())
      if (verb === 'touch') await near.touch(record.id, clock(), until())
      if (verb === 'delete') await near.delete(record.id)
      answer.release()
      expect(await reading).toEqual(record)
      const newest = store.read(record.id)
      expect(newest).not.toEqual(record)
      expect(await near.read(record.id)).toEqual(newest)
      expect(calls()[0]).toBe('read')
    },
  )

  it.each(['update', 'delete'] as const)(
    'the %s was acknowledged, and is answered after that, puts no older record back',
    async (verb) => {
      const { near, store, record, until, hold } = await forgotten()
      const acting = hold(verb)
      const writing =
        verb === 'update' ? near.update(changed(record), until()) : near.delete(record.id)
      await settled()
      const answer = hold('read', 'after')
      const reading = near.read(record.id)
      await settled()
      acting.release()
      await writing
      answer.release()
      expect(await reading).toEqual(record)
      expect(await near.read(record.id)).toEqual(store.read(record.id))
    },
  )

  it('a later one, and is answered after it, puts no older record back', async () => {
    const { near, far, record, until, hold } = await forgotten()
    const answer = hold('read', 'after')
    const reading = near.read(record.id)
    await settled()
    const next = changed(record, 'them')
    await far.update(next, until())
    expect(await near.read(record.id, { authoritative: true })).toEqual(next)
    answer.release()
    await reading
    expect(await near.read(record.id)).toEqual(next)
  })

  it('one that found the session gone does not put it back', async () => {
    const { near, far, record, hold } = await forgotten()
    const answer = hold('read', 'after')
    const reading = near.read(record.id)
    await settled()
    await far.delete(record.id)
    expect(await near.read(record.id, { authoritative: true })).toBeNull()
    answer.release()
    expect(await reading).toEqual(record)
    expect(await near.read(record.id)).toBeNull()
  })

  it('a write that has been forgotten since, for want of room, puts no older record back', async () => {
    const { near, clock, record, until, hold } = await forgotten({ maxSessions: 1 })
    const answer = hold('read', 'after')
    const reading = near.read(record.id)
    await settled()
    await near.delete(record.id)
    await near.create(sample(clock()), until())
    answer.release()
    expect(await reading).toEqual(record)
    expect(await near.read(record.id)).toBeNull()
  })
})

describe('a write under way', () => {
  it('leaves nothing older to be read once it is acknowledged', async () => {
    const { near, record, until, hold } = await kept()
    const acting = hold('update')
    const next = changed(record)
    const writing = near.update(next, until())
    // Not yet written, so it may as well be read: and kept, but no longer than that.
    expect(await near.read(record.id)).toEqual(record)
    expect(await near.read(record.id)).toEqual(record)
    acting.release()
    await writing
    expect(await near.read(record.id)).toEqual(next)
  })

  it('that is answered after the next leaves nothing older', async () => {
    const { near, record, until, hold } = await kept()
    const answer = hold('update', 'after')
    const second = changed(record)
    const writing = near.update(second, until())
    await settled()
    const third = changed(second)
    expect(await near.read(record.id, { authoritative: true })).toEqual(second)
    expect(await near.update(third, until())).toBe('updated')
    answer.release()
    expect(await writing).toBe('updated')
    expect(await near.read(record.id)).toEqual(third)
  })

  it.each(['update', 'touch'] as const)(
    'does not bring back a session that ended meanwhile: %s',
    async (verb) => {
      const { near, clock, record, until, hold } = await kept()
      const answer = hold(verb, 'after')
      const writing =
        verb === 'update'
          ? near.update(changed(record), until())
          : near.touch(record.id, clock(), until())
      await settled()
      expect(await near.delete(record.id)).toBe(true)
      answer.release()
      await writing
      expect(await near.read(record.id)).toBeNull()
    },
  )

  it.each(['update', 'touch', 'delete', 'create'] as const)(
    'that fails, and may have happened, leaves no copy: %s',
    async (verb) => {
      const { near, store, clock, record, until, hold } = await kept()
      const other = sample(clock())
      clock.advance(1)
      const answer = hold(verb, 'after')
      const write = {
        update: () => near.update(changed(record), until()),
        touch: () => near.touch(record.id, clock(), until()),
        delete: () => near.delete(record.id),
        create: () => near.create(other, until()),
      }[verb]
      const writing = Promise.resolve(write())
      await settled()
      answer.fail()
      await expect(writing).rejects.toThrow('down')
      for (const { id } of [record, other]) {
        expect(await near.read(id)).toEqual(store.read(id))
      }
    },
  )

  it('that is never answered leaves no copy, and is no hindrance to the next', async () => {
    const { near, store, record, until, hold, calls } = await kept()
    hold('update', 'after')
    void near.update(changed(record), until())
    await settled()
    expect(await near.read(record.id)).toEqual(store.read(record.id))
    calls()
    expect(await near.read(record.id)).toEqual(changed(record))
    expect(calls()).toEqual([])
  })
})
