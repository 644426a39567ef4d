import { createSessions, SessionError, type SessionEvent } from '@sojourn/core'
import { describe, expect, it } from 'vitest'
import { MINUTE, newSubject, type ObjectCall, objects, sample } from './objects.ts'

// As Durable Objects fail: a connection that is lost, before the object has the request or before its answer arrives, and a queue that is full.
const LOST = { retryable: true, remote: false }
const FULL = { retryable: true, overloaded: true }
const THROWN = { remote: true }

/** A store whose objects fail so many times at a method. */
function failing(
  method: string,
  how: object,
  { times = 1, when = 'before' }: { times?: number; when?: 'before' | 'after' } = {},
) {
  let left = 0
  const at = objects({
    [when]: (call: ObjectCall) => {
      if (call.method === method && left-- > 0) throw Object.assign(new Error('lost'), how)
    },
  })
  function fail(): void {
    left = times
  }
  return { ...at, until: at.clock() + 30 * MINUTE, fail }
}

/** A session that is stored, and objects that fail from now on. */
async function stored(...args: Parameters<typeof failing>) {
  const at = failing(...args)
  const record = sample(at.clock, { subject: newSubject() })
  await at.store.create(record, at.until)
  at.calls()
  at.fail()
  return { ...at, record, next: { ...record, version: 2 } }
}

describe('when the connection to an object is lost', () => {
  it.each(['before', 'after'] as const)(
    '%s the object acts, a read is made again, on a new stub',
    async (when) => {
      const { store, record, calls } = await stored('read', LOST, { when })
      expect(await store.read(record.id)).toEqual(record)
      expect(calls()).toEqual(['session.read', 'session.read'])
    },
  )

  it.each(['before', 'after'] as const)('%s it acts, a touch is made again', async (when) => {
    const { store, record, clock, until, calls } = await stored('touch', LOST, { when })
    expect(await store.touch(record.id, clock() + 1, until + 1)).toBe(true)
    expect(calls()).toEqual(['session.touch', 'session.touch'])
    expect(await store.read(record.id)).toEqual({ ...record, lastSeenAt: clock() + 1 })
  })

  it('a list is made again, of the index and of each session', async () => {
    for (const method of ['list', 'read']) {
      const { store, record } = await stored(method, LOST)
      const { records } = await store.list(record.subject ?? '')
      expect(records).toEqual([record])
    }
  })

  it.each(['before', 'after'] as const)(
    '%s the index promises an entry, it is asked for another promise',
    async (when) => {
      const { store, clock, until, fail, calls } = failing('add', LOST, { when })
      fail()
      const record = sample(clock, { subject: newSubject() })
      expect(await store.create(record, until)).toBe(true)
      expect(calls()).toEqual(['subject.add', 'subject.add', 'session.create'])
      expect((await store.list(record.subject ?? '')).records).toEqual([record])
    },
  )

  it('twice, the request fails with what the platform said', async () => {
    const { store, record } = await stored('read', LOST, { times: 2 })
    await expect(store.read(record.id)).rejects.toMatchObject({ message: 'lost', ...LOST })
  })

  it('an update is not made again: it may have been made, and would meet itself', async () => {
    const { store, next, until, calls } = await stored('update', LOST, { when: 'after' })
    await expect(store.update(next, until)).rejects.toMatchObject(LOST)
    expect(calls()).toEqual(['session.update'])
    expect(await store.read(next.id)).toEqual(next)
    expect(await store.update(next, until)).toBe('stale')
  })

  it('nor is a create, which would find its id taken', async () => {
    const { store, clock, until, fail, calls } = failing('create', LOST, { when: 'after' })
    fail()
    const record = sample(clock)
    await expect(store.create(record, until)).rejects.toMatchObject(LOST)
    expect(calls()).toEqual(['session.create'])
    expect(await store.read(record.id)).toEqual(record)
    expect(await store.create(record, until)).toBe(false)
  })

  it('nor is a delete, which would find nothing; the session has ended and is not listed', async () => {
    const { store, record, calls } = await stored('delete', LOST, { when: 'after' })
    await expect(store.delete(record.id)).rejects.toMatchObject(LOST)
    expect(calls()).toEqual(['session.delete'])
    expect(await store.read(record.id)).toBeNull()
    expect((await store.list(record.subject ?? '')).records).toEqual([])
    expect(await store.delete(record.id)).toBe(false)
  })
})

describe('nothing is asked again of an object', () => {
  it.each([
    ['that is overloaded, which would make it worse', FULL],
    ['that has thrown an error of its own', THROWN],
  ])('%s', async (_, how) => {
    const { store, record, calls } = await stored('read', how)
    await expect(store.read(record.id)).rejects.toMatchObject(how)
    expect(calls()).toEqual(['session.read'])
  })
})

describe('a request whose session an object fails', () => {
  it('is rejected with a SessionError and the platform’s error as its cause, and gets no cookie', async () => {
    const { store, clock, fail } = failing('create', LOST)
    const events: SessionEvent[] = []
    const sessions = createSessions({
      store,
      clock,
      secret: 'x'.repeat(32),
      onEvent: (event) => void events.push(event),
    })
    fail()
    const session = await sessions.open(new Request('https://app.test/'))
    const response = new Response('ok')
    const failed = sessions.commit(session.set('cart', ['tea']), response)
    const error = await failed.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({ code: 'ERR_SESSION_STORE', cause: { message: 'lost', ...LOST } })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(events).toMatchObject([{ type: 'store-failure', operation: 'create' }])
  })
})
