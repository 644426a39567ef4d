import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createSessions } from '@sojourn/core'
import { describe, expect, it } from 'vitest'
import { MINUTE, newSubject, objects, sample } from './objects.ts'

function stubOf(id: string): unknown {
  return env.SESSIONS.getByName(id)
}

function alarmOf(id: string): Promise<number | null> {
  return runInDurableObject(stubOf(id), (_, { storage }) => storage.getAlarm())
}

/** How many entries and tables an object keeps. */
function kept(stub: unknown): Promise<{ entries: number; tables: number }> {
  return runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray()
    return { tables: tables.length, entries: [...storage.kv.list()].length }
  })
}

const NOTHING = { entries: 0, tables: 0 }

describe('the object of a session', () => {
  it('is asked once to open the session, and once more for a change', async () => {
    const { store, calls, clock } = objects()
    const sessions = createSessions({ store, clock, secret: 'x'.repeat(32) })
    const request = (cookie = '') => new Request('https://app.test/', { headers: { cookie } })
    const created = await sessions.open(request())
    const response = await sessions.commit(created.set('cart', ['tea']), new Response('ok'))
    expect(calls()).toEqual(['session.create'])
    const cookie = response.headers.get('set-cookie')?.split(';')[0]
    const session = await sessions.open(request(cookie))
    expect(calls()).toEqual(['session.read'])
    await sessions.commit(session.set('cart', []), new Response('ok'))
    expect(calls()).toEqual(['session.update'])
  })

  it('is not asked for without a token, with a forged one, or by a name that is no id', async () => {
    const { store, calls, clock } = objects()
    const sessions = createSessions({ store, clock, secret: 'x'.repeat(32) })
    for (const cookie of ['', '__Host-id=forged', `__Host-id=${'x'.repeat(32)}.0.x`]) {
      await sessions.open(new Request('https://app.test/', { headers: { cookie } }))
    }
    for (const id of ['', '../x', 'x'.repeat(33)]) expect(await store.read(id)).toBeNull()
    expect(calls()).toEqual([])
  })

  it('keeps nothing of a session that was deleted', async () => {
    const { store, clock } = objects()
    const record = sample(clock)
    await store.create(record, clock() + MINUTE)
    expect(await kept(stubOf(record.id))).toMatchObject({ entries: 1 })
    await store.delete(record.id)
    expect(await kept(stubOf(record.id))).toEqual(NOTHING)
    expect(await alarmOf(record.id)).toBeNull()
  })

  it('keeps nothing of a session that has expired: its alarm sees to it', async () => {
    const { store, clock } = objects()
    const record = sample(clock)
    await store.create(record, clock() + 50)
    await expect.poll(() => kept(stubOf(record.id)), { timeout: 5000 }).toEqual(NOTHING)
    expect(await alarmOf(record.id)).toBeNull()
  })

  it('keeps nothing of an expired session that somebody asks for before the alarm', async () => {
    const { store, clock } = objects()
    const record = sample(clock)
    await store.create(record, clock() + MINUTE)
    clock.advance(60)
    expect(await store.read(record.id)).toBeNull()
    expect(await kept(stubOf(record.id))).toEqual(NOTHING)
    clock.advance(-60)
    expect(await store.read(record.id)).toBeNull()
  })

  it('keeps nothing of a record that is too big to be kept', async () => {
    const { store, clock } = objects()
    const record = sample(clock, { data: { text: 'x'.repeat(17_000_000) } })
    await expect(store.create(record, clock() + 30 * MINUTE)).rejects.toThrow(/too big/i)
    expect(await kept(stubOf(record.id))).toEqual(NOTHING)
    expect(await alarmOf(record.id)).toBeNull()
  })

  it('sets no alarm for a touch; the alarm that finds time left sets itself again', async () => {
    const { store, clock } = objects()
    const record = sample(clock)
    await store.create(record, clock() + 30 * MINUTE)
    const first = await alarmOf(record.id)
    await store.touch(record.id, clock(), clock() + 60 * MINUTE)
    expect(await alarmOf(record.id)).toBe(first)
    expect(await runDurableObjectAlarm(stubOf(record.id))).toBe(true)
    const second = (await alarmOf(record.id)) ?? 0
    expect(Math.abs(second - Date.now() - 60 * MINUTE)).toBeLessThan(5000)
    expect(await store.read(record.id)).toEqual(record)
  })

  it('moves its alarm for an update that ends the session earlier', async () => {
    const { store, clock } = objects()
    const record = sample(clock)
    await store.create(record, clock() + 60 * MINUTE)
    await store.update({ ...record, version: 2 }, clock() + 10 * MINUTE)
    const alarm = (await alarmOf(record.id)) ?? 0
    expect(Math.abs(alarm - Date.now() - 10 * MINUTE)).toBeLessThan(5000)
  })

  it('goes by its own clock with the alarm, and by the store’s with everything else', async () => {
    const { store, clock } = objects()
    clock.set(0)
    const record = sample(clock)
    await store.create(record, 60 * MINUTE)
    const alarm = (await alarmOf(record.id)) ?? 0
    expect(Math.abs(alarm - Date.now() - 60 * MINUTE)).toBeLessThan(5000)
    expect(await store.read(record.id)).toEqual(record)
  })

  it('deletes once for 20 who delete at the same moment', async () => {
    const { store, clock } = objects()
    const record = sample(clock, { subject: newSubject() })
    await store.create(record, clock() + MINUTE)
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.delete(record.id)))
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  it('has everything that was acknowledged after it was evicted from memory', async () => {
    const { store, clock } = objects()
    const subject = newSubject()
    const record = sample(clock, { subject })
    await store.create(record, clock() + 30 * MINUTE)
    await store.touch(record.id, clock() + 1, clock() + 60 * MINUTE)
    await evictDurableObject(stubOf(record.id))
    await evictDurableObject(env.SUBJECTS.getByName(subject))
    const touched = { ...record, lastSeenAt: clock() + 1 }
    expect(await store.read(record.id)).toEqual(touched)
    expect((await store.list(subject)).records).toEqual([touched])
  })
})
