import { createSessions, memoryStore } from '@sojourn/core'
import {
  type EndReason,
  type Notifications,
  postgresNotifications,
  redisNotifications,
  watched,
} from '@sojourn/stores/watched'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sample } from '../kit/records.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(0)
const HOUR = 3_600_000

/** What processes would talk through, and what they said. */
function air() {
  const ears = new Set<{ hear: (message: string) => void; resumed: () => void }>()
  const said: [string, string][] = []
  const faults: { publish?: Error; subscribe?: Error } = {}
  let subscriptions = 0
  const notifications: Notifications = {
    publish(channel, message) {
      said.push([channel, message])
      if (faults.publish) throw faults.publish
      for (const { hear } of ears) hear(message)
    },
    async subscribe(_, hear, resumed) {
      subscriptions++
      if (faults.subscribe) throw faults.subscribe
      const ear = { hear, resumed }
      ears.add(ear)
      return () => void ears.delete(ear)
    },
  }
  const errors: unknown[] = []
  const memory = memoryStore()
  const join = (kept = memory) =>
    watched(kept, { notifications, onError: (error) => void errors.push(error) })
  function record(): string {
    const made = sample(Date.now())
    memory.create(made, Date.now() + HOUR)
    return made.id
  }
  return { ears, said, faults, errors, memory, join, record, subscriptions: () => subscriptions }
}

function ends(store: ReturnType<ReturnType<typeof air>['join']>, id: string): EndReason[] {
  const reasons: EndReason[] = []
  store.watch(id, (reason) => reasons.push(reason))
  return reasons
}

describe('with notifications', () => {
  it('every process is told at once, and once', async () => {
    const { join, record } = air()
    const [here, there] = [join(), join()]
    const id = record()
    const reasons = [ends(here, id), ends(there, id), ends(there, id)]
    await settle()
    await here.delete(id)
    await settle()
    expect(reasons).toEqual([['revoked'], ['revoked'], ['revoked']])
  })

  it('what is published is the session’s public id and nothing of its token', async () => {
    const { join, said } = air()
    const sessions = createSessions<{ a: number }>({ store: join() })
    const session = await sessions.open(new Request('https://app.test/'))
    const response = await sessions.commit(session.set('a', 1), new Response())
    const [cookie = ''] = response.headers.getSetCookie()
    await sessions.revoke(session.id ?? '')
    expect(said).toEqual([['sojourn:ended', session.id]])
    for (const part of cookie.split(/[=;]/)[1]?.split('.') ?? []) {
      if (part.length > 1) expect(said.flat().join()).not.toContain(part)
    }
  })

  it('a delete is acknowledged though its publication fails or hangs, and a failure is reported', async () => {
    const { join, faults, errors, record } = air()
    faults.publish = new Error('nobody there')
    const store = join()
    expect(await store.delete(record())).toBe(true)
    expect(errors).toEqual([faults.publish])
    const hanging: Notifications = {
      publish: () => new Promise(() => {}),
      subscribe: () => () => {},
    }
    const memory = memoryStore()
    const made = sample(Date.now())
    memory.create(made, Date.now() + HOUR)
    expect(await watched(memory, { notifications: hanging }).delete(made.id)).toBe(true)
  })

  it('a session that ended before the subscription began is found when it has', async () => {
    const { memory, record } = air()
    const subscribed = Promise.withResolvers<() => void>()
    const notifications = { publish() {}, subscribe: () => subscribed.promise }
    const store = watched(memory, { notifications })
    const id = record()
    const reasons = ends(store, id)
    await settle()
    memory.delete(id)
    await settle()
    expect(reasons).toEqual([])
    subscribed.resolve(() => {})
    await settle()
    expect(reasons).toEqual(['gone'])
  })

  it('a session that ended while the connection was lost is found as soon as it is back', async () => {
    const { join, record, memory, ears } = air()
    const store = join()
    const [id, other] = [record(), record()]
    const [reasons, others] = [ends(store, id), ends(store, other)]
    await settle()
    memory.delete(id)
    for (const { resumed } of ears) resumed()
    await settle()
    expect([reasons, others]).toEqual([['gone'], []])
  })

  it('a subscription that failed is asked for again, with the next watch or recheck, and reported', async () => {
    const { join, faults, errors, record, subscriptions, ears } = air()
    const down = new Error('down')
    faults.subscribe = down
    const store = join()
    ends(store, record())
    await settle()
    ends(store, record())
    await settle()
    expect([errors, subscriptions()]).toEqual([[down, down], 2])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(subscriptions()).toBe(3)
    delete faults.subscribe
    await vi.advanceTimersByTimeAsync(60_000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([subscriptions(), ears.size, errors.length]).toEqual([4, 1, 3])
  })

  it('a process that watches nothing subscribes to nothing, one that does once, until unwatchAll', async () => {
    const { join, record, ears, subscriptions } = air()
    const store = join()
    await store.delete(record())
    expect(subscriptions()).toBe(0)
    for (let turn = 0; turn < 100; turn++) ends(store, record())
    await settle()
    expect([subscriptions(), ears.size]).toEqual([1, 1])
    await store.unwatchAll()
    expect(ears.size).toBe(0)
  })

  it('unwatchAll ends a subscription that has only begun', async () => {
    const { join, record, ears } = air()
    const store = join()
    ends(store, record())
    await store.unwatchAll()
    expect(ears.size).toBe(0)
  })
})

describe('options of notifications', () => {
  it.each([
    ['publisher', () => redisNotifications({ publisher: {} as never, subscriber: {} as never })],
    [
      'subscriber',
      () => redisNotifications({ publisher: { publish: async () => 0 }, subscriber: {} as never }),
    ],
    ['database', () => postgresNotifications({ database: 'url' as never, listener: {} as never })],
    ['listener', () => postgresNotifications({ database: async () => [], listener: {} as never })],
  ])('refuse a wrong "%s"', (option, make) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(`"${option}"`)
  })
})
