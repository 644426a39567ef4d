import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connectStore } from '@sojourn/node/express-session'
import { describe, expect, it, vi } from 'vitest'
import { ours, secret } from './express-session/kit.ts'

const record = {
  id: 'x'.repeat(32),
  format: 1,
  version: 1,
  generation: 0,
  graceUntil: null,
  createdAt: 0,
  startedAt: 0,
  generatedAt: 0,
  lastSeenAt: 0,
  subject: null,
  authentications: [],
  persistent: false,
  device: null,
  data: { cookie: { originalMaxAge: null } },
}

/** A store whose next call of a method takes longer than anybody waits: a reading is answered late, a writing is done late. */
function slow(method: 'get' | 'set' | 'touch') {
  const raw = new ours.MemoryStore()
  const own = raw[method] as (...args: unknown[]) => unknown
  const held: (() => unknown)[] = []
  return {
    raw,
    store: connectStore(raw),
    stall() {
      raw[method] = ((...args: unknown[]) => {
        raw[method] = own as never
        if (method !== 'get') return held.push(() => own.apply(raw, args))
        const done = args[1] as (...answer: unknown[]) => void
        return own.call(raw, args[0], (...answer: unknown[]) => held.push(() => done(...answer)))
      }) as never
    },
    /** Lets it go on, late. */
    async wake() {
      for (const go of held) go()
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('a session that ended while the store was slow', () => {
  it.each([
    ['a write, whose reading', 'get', 'update'],
    ['a touch, whose reading', 'get', 'touch'],
    ['a write, which', 'set', 'update'],
    ['a touch, which', 'set', 'touch'],
  ] as const)('is not brought back by %s was given up before', async (_, method, verb) => {
    const { raw, store, stall, wake } = slow(method)
    // As session-file-store does.
    raw.touch = (id, session, done) => raw.set(id, session as never, done)
    await store.put(record)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    stall()
    const given =
      verb === 'update'
        ? store.update({ ...record, version: 2 }, 0)
        : store.touchOwn?.(record.id, new ours.Cookie())
    const lost = expect(given).rejects.toThrow('5000 ms')
    await vi.advanceTimersByTimeAsync(5000)
    await lost
    expect(await store.delete(record.id)).toBe(true)
    await wake()
    expect(Object.keys(raw.sessions)).toEqual([])
    expect(await store.read(record.id)).toBe(null)
  })
})

describe('a session of express-session', () => {
  it.each(['get', 'destroy'] as const)(
    'leaves no request waiting where the store never calls back from its %s',
    async (method) => {
      const store = new ours.MemoryStore()
      const signature = createHmac('sha256', secret).update('old').digest('base64')
      const cookie = `connect.sid=${encodeURIComponent(`s:old.${signature.replace(/=+$/, '')}`)}`
      const old = JSON.stringify({ cookie: { originalMaxAge: null }, user: 'ada' })
      Object.assign(store.sessions, { old })
      store[method] = () => {}
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const request = { url: '/', headers: { cookie } } as IncomingMessage
      const passed = new Promise((next) => {
        ours({ secret, store, resave: false, saveUninitialized: false })(
          request,
          {} as ServerResponse,
          next,
        )
      })
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
      await vi.advanceTimersByTimeAsync(5000)
      expect(String(await passed)).toContain('5000 ms')
    },
  )
})
