import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createSessions } from '@sojourn/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ObjectStorage } from './bindings.ts'
import { MINUTE, newSubject, type ObjectCall, type Objects, objects, sample } from './objects.ts'

const DAY = 24 * 60 * MINUTE
const ROUNDS = 1000
// As many subjects at a time; a power of two.
const LANES = 32

/** Lets a subject's index be seen and set. */
function within<T>(subject: string, look: (storage: ObjectStorage) => T | Promise<T>): Promise<T> {
  return runInDurableObject(env.SUBJECTS.getByName(subject), (_, { storage }) => look(storage))
}

function idsIn(subject: string): Promise<string[]> {
  return within(subject, ({ kv }) => Array.from(kv.list(), ([id]) => id))
}

/** Makes an entry as old as one that no session relies on any more. */
function settle(subject: string, id: string, grantedAt = 1): Promise<void> {
  const entry = { removeAt: Date.now() + DAY, grantedAt }
  return within(subject, ({ kv }) => kv.put(id, entry))
}

/** Touches a session every 20 minutes; the objects' clock goes with the store's from here to the end of the test. */
async function inUse({ store, clock, id, days }: Use): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: clock() })
  for (let minutes = 0; minutes < days * 24 * 60; minutes += 20) {
    clock.advance(20 * 60)
    vi.setSystemTime(clock())
    expect(await store.touch(id, clock(), clock() + 30 * MINUTE)).toBe(true)
  }
}

interface Use extends Pick<Objects, 'store' | 'clock'> {
  readonly id: string
  readonly days: number
}

function failing(matches: (call: ObjectCall) => boolean) {
  let broken = true
  return {
    mend: () => {
      broken = false
    },
    hook: (call: ObjectCall) => {
      if (broken && matches(call)) throw new Error('gone')
    },
  }
}

afterEach(() => void vi.useRealTimers())

describe('the index of a subject', () => {
  it('has its entry before the session speaks for the subject', async () => {
    const { store, clock, calls } = objects()
    const record = sample(clock)
    await store.create(record, clock() + 30 * MINUTE)
    calls()
    await store.update({ ...record, version: 2, subject: newSubject() }, clock() + 30 * MINUTE)
    expect(calls()).toEqual(['session.update', 'subject.add', 'session.update'])
    await store.create(sample(clock, { subject: newSubject() }), clock() + 30 * MINUTE)
    expect(calls()).toEqual(['subject.add', 'session.create'])
  })

  it('is not asked when a signed-in session is read, changed or touched', async () => {
    const { store, clock, calls } = objects()
    const record = sample(clock, { subject: newSubject() })
    await store.create(record, clock() + 30 * MINUTE)
    calls()
    for (let version = 2; version < 12; version++) {
      clock.advance(600)
      await store.read(record.id)
      await store.update({ ...record, version }, clock() + 30 * MINUTE)
      await store.touch(record.id, clock(), clock() + 30 * MINUTE)
    }
    expect(calls().filter((call) => call.startsWith('subject'))).toEqual([])
  })

  it('keeps the entry of a session in use for as long as it is, asked once a day', async () => {
    const { store, clock, calls } = objects()
    const subject = newSubject()
    const record = sample(clock, { subject })
    await store.create(record, clock() + 30 * MINUTE)
    calls()
    await inUse({ store, clock, id: record.id, days: 3 })
    expect(calls().filter((call) => call === 'subject.add')).toHaveLength(3)
    const [entry] = await within(subject, ({ kv }) => Array.from(kv.list(), ([, entry]) => entry))
    expect((entry as { removeAt: number }).removeAt).toBeGreaterThan(clock() + 30 * MINUTE)
  })

  it('never lacks a live session, whichever of the two writes fails, before or after it acts', async () => {
    for (const when of ['before', 'after'] as const) {
      for (const method of ['add', 'create', 'update', 'delete', 'drop']) {
        const fault = failing((call) => call.method === method)
        const { store, clock } = objects({ [when]: fault.hook })
        const subject = newSubject()
        const until = clock() + 30 * MINUTE
        const attempt = (action: unknown) => Promise.resolve(action).catch(() => {})
        const [one, two] = [sample(clock, { subject }), sample(clock)]
        await attempt(store.create(one, until))
        await attempt(store.create(two, until))
        await attempt(store.update({ ...two, version: 2, subject }, until))
        await attempt(store.delete(one.id))
        fault.mend()
        const live: string[] = []
        for (const { id } of [one, two]) {
          if ((await store.read(id))?.subject === subject) live.push(id)
        }
        const { records } = await store.list(subject)
        expect(records.map(({ id }) => id).sort(), `${method} fails ${when}`).toEqual(live.sort())
      }
    }
  })

  it('never lacks a live session, though the store’s clock was days ahead when it began', async () => {
    const { store, clock } = objects()
    const subject = newSubject()
    const now = Date.now()
    clock.set(now + 10 * DAY)
    const record = sample(clock, { subject })
    await store.create(record, clock() + 30 * MINUTE)
    clock.set(now)
    await inUse({ store, clock, id: record.id, days: 12 })
    await runDurableObjectAlarm(env.SUBJECTS.getByName(subject))
    expect((await store.read(record.id))?.subject).toBe(subject)
    expect((await store.list(subject)).records).toHaveLength(1)
  })

  it('lists no session on the strength of an entry alone', async () => {
    const { store, clock } = objects()
    const subject = newSubject()
    const other = sample(clock, { subject: newSubject() })
    await store.create(other, clock() + 30 * MINUTE)
    await settle(subject, sample(clock).id)
    await settle(subject, other.id)
    expect((await store.list(subject)).records).toEqual([])
  })

  it('drops an entry that no session relies on, but not one that may be relied on yet', async () => {
    const { store, clock } = objects()
    const subject = newSubject()
    const [old, young] = [sample(clock).id, sample(clock).id]
    await settle(subject, old)
    await settle(subject, young, Date.now() - 30_000)
    await store.list(subject)
    expect(await idsIn(subject)).toEqual([young])
  })

  it('keeps an entry that was promised anew while a list found it unused', async () => {
    const { store, clock } = objects()
    const subject = newSubject()
    const record = sample(clock)
    await store.create(record, clock() + 30 * MINUTE)
    await settle(subject, record.id)
    let signed = false
    const slow = objects({
      async before({ method }) {
        if (method !== 'drop' || signed) return
        signed = true
        await store.update({ ...record, version: 2, subject }, clock() + 30 * MINUTE)
      },
    })
    expect((await slow.store.list(subject)).records).toEqual([])
    expect(signed).toBe(true)
    expect((await store.list(subject)).records).toMatchObject([{ id: record.id }])
  })

  it('is not believed by a sign-in that comes too late for its promise: it asks again', async () => {
    const { store, clock, calls } = objects({
      before({ method, args }) {
        const lease = args[2] as { grantedAt: number } | null
        if (method === 'update' && lease && adds++ === 0) lease.grantedAt -= 30_000
      },
    })
    let adds = 0
    const record = sample(clock)
    await store.create(record, clock() + 30 * MINUTE)
    calls()
    const next = { ...record, version: 2, subject: newSubject() }
    expect(await store.update(next, clock() + 30 * MINUTE)).toBe('updated')
    expect(calls().filter((call) => call === 'subject.add')).toHaveLength(2)
  })

  it('keeps nothing when its last session is revoked, and when its last entry has expired', async () => {
    const { store, clock } = objects()
    const [revoked, expired] = [newSubject(), newSubject()]
    const record = sample(clock, { subject: revoked })
    await store.create(record, clock() + 30 * MINUTE)
    await store.delete(record.id)
    await store.create(sample(clock, { subject: expired }), clock() + 30 * MINUTE)
    const [[id]] = await within(expired, ({ kv }) => [...kv.list()] as [[string, object]])
    await within(expired, ({ kv }) => kv.put(id, { until: 0, removeAt: 0, grantedAt: 0 }))
    expect(await runDurableObjectAlarm(env.SUBJECTS.getByName(expired))).toBe(true)
    for (const subject of [revoked, expired, newSubject()]) {
      await store.list(subject)
      const left = await within(subject, ({ sql }) => ({
        tables: sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray(),
      }))
      expect(left.tables).toEqual([])
      expect(await within(subject, (storage) => storage.getAlarm())).toBeNull()
    }
  })

  it('waits for the next entry to expire when one has', async () => {
    const { store, clock } = objects()
    const subject = newSubject()
    const [one, two] = [sample(clock, { subject }), sample(clock, { subject })]
    await store.create(one, clock() + 30 * MINUTE)
    await store.create(two, clock() + 60 * MINUTE)
    await within(subject, ({ kv }) => kv.put(one.id, { until: 0, removeAt: 0, grantedAt: 0 }))
    await runDurableObjectAlarm(env.SUBJECTS.getByName(subject))
    expect(await idsIn(subject)).toEqual([two.id])
    const alarm = (await within(subject, (storage) => storage.getAlarm())) ?? 0
    expect(Math.abs(alarm - Date.now() - DAY - 60 * MINUTE)).toBeLessThan(5000)
  })
})

describe(`over ${ROUNDS} rounds of sign-in and revoke at the same moment`, () => {
  it('the list is right, and whoever is not listed is signed out', async () => {
    const { store, clock } = objects()
    const sessions = createSessions({ store, clock, secret: 'x'.repeat(32) })
    const visit = (cookie = '') => new Request('https://app.test/', { headers: { cookie } })
    async function signIn(subject: string): Promise<{ id: string; cookie: string }> {
      const session = await sessions.open(visit())
      session.signIn(subject, { method: 'password' })
      const response = await sessions.commit(session, new Response('ok'))
      const [cookie = ''] = response.headers.get('set-cookie')?.split(';') ?? []
      return { id: session.id ?? '', cookie }
    }
    async function play(lane: number): Promise<void> {
      const subject = newSubject()
      const kept = await signIn(subject)
      const others: { id: string; cookie: string }[] = []
      for (let round = lane; round < ROUNDS; round += LANES) {
        const victim = await signIn(subject)
        const revoke =
          round & LANES
            ? () => sessions.revoke(victim.id, { subject })
            : () => sessions.revokeAll(subject, { except: kept.id })
        const [late] = await Promise.all([signIn(subject), revoke()])
        others.push(late)
        const listed = (await sessions.list(subject)).map(({ id }) => id).sort()
        const live: string[] = []
        for (const { id, cookie } of [kept, victim, ...others.slice(-3)]) {
          if ((await sessions.open(visit(cookie))).subject === subject) live.push(id)
        }
        expect(listed).toEqual(live.sort())
        expect(live).toContain(kept.id)
        expect(live).not.toContain(victim.id)
      }
      await sessions.revokeAll(subject)
      expect(await sessions.list(subject)).toEqual([])
    }
    await Promise.all(Array.from({ length: LANES }, (_, lane) => play(lane)))
  }, 180_000)
})
