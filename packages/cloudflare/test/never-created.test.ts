import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { SessionRecord } from '@sojourn/core'
import { describe, expect, it } from 'vitest'
import { MINUTE, newSubject, objects, sample } from './objects.ts'

/** What an object keeps: the tables of its database, and when its alarm goes off. */
function kept(stub: unknown): Promise<{ tables: unknown[]; alarm: number | null }> {
  return runInDurableObject(stub, async (_, { storage }) => ({
    tables: storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray(),
    alarm: await storage.getAlarm(),
  }))
}

function ring(stub: unknown): Promise<void> {
  return runInDurableObject(stub, (object) => (object as { alarm(): Promise<void> }).alarm())
}

const NOTHING = { tables: [], alarm: null }

describe('a session that was never created', () => {
  const { store, clock, calls } = objects()
  const until = clock() + MINUTE
  const asked: [string, unknown, (record: SessionRecord) => unknown][] = [
    ['read', null, ({ id }) => store.read(id)],
    ['update', 'missing', (record) => store.update({ ...record, version: 2 }, until)],
    ['touch', false, ({ id }) => store.touch(id, clock(), until)],
    ['delete', false, ({ id }) => store.delete(id)],
  ]

  it.each(asked)('leaves no storage and no alarm behind a %s', async (verb, answer, ask) => {
    for (const subject of [null, newSubject()]) {
      const record = sample(clock, { subject })
      expect(await ask(record)).toBe(answer)
      expect(await ask(record)).toBe(answer)
      expect(calls()).toEqual([`session.${verb}`, `session.${verb}`])
      expect(await kept(env.SESSIONS.getByName(record.id))).toEqual(NOTHING)
    }
  })

  it('leaves nothing behind an alarm that finds nothing', async () => {
    const stub = env.SESSIONS.getByName(sample(clock).id)
    await ring(stub)
    expect(await kept(stub)).toEqual(NOTHING)
  })

  it('would have left something behind a create', async () => {
    const record = sample(clock)
    await store.create(record, until)
    const { tables, alarm } = await kept(env.SESSIONS.getByName(record.id))
    expect(tables).not.toEqual([])
    expect(alarm).not.toBeNull()
  })
})

describe('a subject that never signed in', () => {
  const { store, clock } = objects()

  it.each([
    ['a list', (subject: string) => store.list(subject)],
    ['a later page of a list', (subject: string) => store.list(subject, { after: 'x', limit: 1 })],
    ['an entry given back', (subject: string) => drop(subject)],
    ['an alarm that finds nothing', (subject: string) => ring(env.SUBJECTS.getByName(subject))],
  ])('leaves no storage and no alarm behind %s', async (_, ask) => {
    const subject = newSubject()
    await ask(subject)
    await ask(subject)
    expect(await kept(env.SUBJECTS.getByName(subject))).toEqual(NOTHING)
  })

  function drop(subject: string): Promise<void> {
    const { id } = sample(clock)
    return env.SUBJECTS.getByName(subject).drop([{ id, grantedAt: 1 }])
  }
})
