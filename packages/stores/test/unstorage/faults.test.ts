import { createSessions, type SessionEvent } from '@sojourn/core'
import { browser } from '@sojourn/core/testing'
import { unstorageStore } from '@sojourn/stores/unstorage'
import { createStorage, type Driver } from 'unstorage'
import memory from 'unstorage/drivers/memory'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { busy } from '../../src/unstorage/turns.ts'
import { sample } from '../kit/records.ts'

type Fault = 'throws' | 'rejects' | 'hangs'

// Its own, so that the tests see it.
const lost = new Error('connection lost')

const faults: Record<Fault, () => unknown> = {
  throws: () => {
    throw lost
  },
  rejects: () => Promise.reject(lost),
  hangs: () => new Promise(() => {}),
}

/** A visitor of a site whose driver has a fault in some of its calls, for as long as it is told. */
async function setup() {
  const fault: { kind: Fault; calls: readonly string[] } = { kind: 'throws', calls: [] }
  const driver = Object.fromEntries(
    Object.entries(memory()).map(([name, call]) => [
      name,
      typeof call === 'function'
        ? (...args: never[]) =>
            fault.calls.includes(name)
              ? faults[fault.kind]()
              : (call as (...args: never[]) => unknown)(...args)
        : call,
    ]),
  ) as unknown as Driver
  const events: SessionEvent[] = []
  const sessions = createSessions<{ visits: number }>({
    store: unstorageStore({ storage: createStorage({ driver }) }),
    secret: 'x'.repeat(32),
    onEvent: (event) => void events.push(event),
  })
  const visitor = browser(
    sessions.wrap(async (request, open) => {
      const session = await open()
      if (request.url.endsWith('/visit')) session.update('visits', (n = 0) => n + 1)
      return new Response(`${session.get('visits') ?? 'new'}`)
    }),
  )
  const visits = async (to: string) => (await visitor.get(to)).text()
  expect(await visits('/visit')).toBe('1')
  events.length = 0
  const fails = async (target: string, milliseconds = 0) => {
    const answer = visitor.get(target).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(milliseconds)
    return answer
  }
  return { fault, events, visitor, visits, fails }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe.each(['throws', 'rejects'] as const)('a driver that %s', (kind) => {
  it('fails reads and writes with a SessionError, begins no session instead, and all is there afterwards', async () => {
    const { fault, events, visitor, visits, fails } = await setup()
    const before = visitor.cookies
    fault.kind = kind
    const error = { name: 'SessionError', code: 'ERR_SESSION_STORE', cause: lost }
    fault.calls = ['getItem']
    expect(await fails('/')).toMatchObject(error)
    fault.calls = ['setItem']
    expect(await fails('/visit')).toMatchObject(error)
    expect(events).toMatchObject([
      { type: 'store-failure', operation: 'read' },
      { type: 'store-failure', operation: 'update' },
    ])
    expect(visitor.cookies).toEqual(before)
    fault.calls = []
    expect(await visits('/visit')).toBe('2')
    expect(busy()).toBe(0)
  })
})

describe('a driver that hangs', () => {
  it.each([
    ['reads', ['getItem'], '/'],
    ['writes', ['setItem'], '/visit'],
  ])(
    'fails %s with a SessionError after the time limit, and its session is free as soon as it answers again',
    async (_, calls, target) => {
      const { fault, visitor, visits, fails } = await setup()
      const before = visitor.cookies
      fault.kind = 'hangs'
      fault.calls = calls
      for (let request = 0; request < 3; request++) {
        expect(await fails(target, 5000)).toMatchObject({ code: 'ERR_SESSION_TIMEOUT' })
      }
      expect(visitor.cookies).toEqual(before)
      fault.calls = []
      expect(await visits('/visit')).toBe('2')
      expect(busy()).toBe(0)
    },
  )

  it('in one call fails that request alone: who comes next has a turn in time', async () => {
    const { fault, visitor, fails } = await setup()
    fault.kind = 'hangs'
    fault.calls = ['setItem']
    const hung = fails('/visit', 100)
    await vi.advanceTimersByTimeAsync(100)
    fault.calls = []
    const next = visitor.get('/visit')
    await vi.advanceTimersByTimeAsync(2400)
    expect(await (await next).text()).toBe('2')
    await vi.advanceTimersByTimeAsync(2500)
    expect(await hung).toMatchObject({ code: 'ERR_SESSION_TIMEOUT' })
  })

  it.each([0, 4000])(
    'and then reads after all no longer writes, since others have gone ahead, who came %d ms after it',
    async (after) => {
      const storage = createStorage()
      const late = Promise.withResolvers<void>()
      let slow = false
      const getItem = async (key: string) => {
        const value = await storage.getItem(key)
        if (slow) await late.promise
        return value
      }
      const store = unstorageStore({ storage: { ...storage, getItem } })
      const record = sample(Date.now())
      const until = Date.now() + 60_000
      await store.create(record, until)
      slow = true
      const first = Promise.resolve(store.update({ ...record, version: 2, data: { by: 1 } }, until))
      const failed = first.catch((error: Error) => error.message)
      await vi.advanceTimersByTimeAsync(after)
      slow = false
      const second = Promise.resolve(
        store.update({ ...record, version: 2, data: { by: 2 } }, until),
      )
      await vi.advanceTimersByTimeAsync(2500)
      expect(await second).toBe('updated')
      late.resolve()
      expect(await failed).toBe('The storage took so long that others have gone ahead')
      expect(await store.read(record.id)).toMatchObject({ data: { by: 2 } })
    },
  )
})
