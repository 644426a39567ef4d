import { type AnyStore, createSessions, memoryStore, type Session } from '@sojourn/core'
import { clock, faultyStore, recorded, storeContract } from '@sojourn/core/testing'
import { cached } from '@sojourn/stores/cached'
import { metered } from '@sojourn/stores/metered'
import { type EndReason, type WatchedOptions, watched } from '@sojourn/stores/watched'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sample } from '../kit/records.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Until everything that can happen now has. */
const settle = () => vi.advanceTimersByTimeAsync(0)

function site(options: WatchedOptions = {}) {
  const now = clock()
  const kept = recorded(memoryStore({ clock: now }))
  const errors: unknown[] = []
  const store = watched(kept, { onError: (error) => void errors.push(error), ...options })
  const sessions = createSessions<{ a: number }>({ store, clock: now })

  async function visit(use: (session: Session<{ a: number }>) => unknown, cookie = '') {
    const session = await sessions.open(new Request('https://app.test/', { headers: { cookie } }))
    await use(session)
    const { headers } = await sessions.commit(session, new Response())
    return { id: session.id ?? '', cookie: headers.getSetCookie()[0]?.split(';')[0] ?? cookie }
  }
  const signIn = (subject: string) => visit((session) => session.signIn(subject, { method: 'pw' }))

  /** What a watch of a session is told, in order. */
  function ends(id: string) {
    const reasons: EndReason[] = []
    const stop = store.watch(id, (reason) => reasons.push(reason))
    return { reasons, stop }
  }
  const reads = () => kept.calls.filter(({ verb }) => verb === 'read').length
  return { now, kept, store, sessions, errors, visit, signIn, ends, reads }
}

describe('who watches a session', () => {
  it.each([
    ['signs out', ({ visit }, { cookie }) => visit((session) => session.revoke(), cookie)],
    ['is revoked by its id', ({ sessions }, { id }) => sessions.revoke(id)],
    ['is revoked with all of its subject', ({ sessions }) => sessions.revokeAll('ada')],
    ['is deleted from the store', ({ store }, { id }) => store.delete(id)],
  ] as [
    string,
    (at: ReturnType<typeof site>, session: { id: string; cookie: string }) => unknown,
  ][])('is told at once when it %s, and the others are not', async (_, end) => {
    const at = site()
    const [ada, bob] = [await at.signIn('ada'), await at.signIn('bob')]
    const [watch, other] = [at.ends(ada.id), at.ends(bob.id)]
    await settle()
    expect(watch.reasons).toEqual([])
    await end(at, ada)
    expect(watch.reasons).toEqual(['revoked'])
    await settle()
    expect([watch.reasons, other.reasons]).toEqual([['revoked'], []])
  })

  it('is told by the time that the store’s delete is acknowledged, and not before it has happened', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    let kept: unknown = 'not told'
    at.store.watch(id, () => {
      kept = at.kept.read(id)
    })
    await at.store.delete(id)
    expect(kept).toBeNull()
  })

  it('is not told of changes, touches, renewed or replaced tokens', async () => {
    const at = site()
    const { id, cookie } = await at.signIn('ada')
    const { reasons } = at.ends(id)
    await settle()
    const next = await at.visit((session) => session.set('a', 1).regenerate(), cookie)
    await at.visit((session) => session.reauthenticate({ method: 'totp' }), next.cookie)
    at.now.advance(600)
    await at.visit(() => {}, next.cookie)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(reasons).toEqual([])
  })

  it('is told when the session comes to speak for another subject', async () => {
    const at = site()
    const anonymous = await at.visit((session) => session.set('a', 1))
    const first = at.ends(anonymous.id)
    await settle()
    const { cookie } = await at.visit(
      (session) => session.signIn('ada', { method: 'pw' }),
      anonymous.cookie,
    )
    expect(first.reasons).toEqual(['changed'])
    const second = at.ends(anonymous.id)
    await settle()
    await at.visit((session) => session.signIn('bob', { method: 'pw' }), cookie)
    expect([first.reasons, second.reasons]).toEqual([['changed'], ['changed']])
  })

  it('is not told of an update that the store refused', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const { reasons } = at.ends(id)
    await settle()
    const record = await at.kept.read(id)
    if (record) {
      const late = { ...record, subject: 'bob' }
      expect(await at.store.update(late, at.now() + 60_000)).toBe('stale')
    }
    expect(reasons).toEqual([])
  })

  it('is told of one that has ended already, by one read', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    await at.sessions.revoke(id)
    const before = at.reads()
    const { reasons } = at.ends(id)
    expect(reasons).toEqual([])
    await settle()
    expect(reasons).toEqual(['gone'])
    expect(at.reads() - before).toBe(1)
  })

  it('is told of what ends while that read is under way', async () => {
    const gate = Promise.withResolvers<void>()
    const memory = memoryStore()
    const record = sample(Date.now())
    memory.create(record, Date.now() + 60_000)
    const store = watched({
      ...memory,
      async read(id: string) {
        const found = memory.read(id)
        await gate.promise
        return found
      },
    } as AnyStore)
    const reasons: EndReason[] = []
    store.watch(record.id, (reason) => reasons.push(reason))
    await store.delete(record.id)
    gate.resolve()
    await settle()
    expect(reasons).toEqual(['revoked'])
  })

  it('is told nothing after it has stopped, however often it does', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const [stopped, other] = [at.ends(id), at.ends(id)]
    stopped.stop()
    stopped.stop()
    await at.sessions.revoke(id)
    other.stop()
    expect([stopped.reasons, other.reasons]).toEqual([[], ['revoked']])
  })

  it('is told though who watched the session before it ended stops only now', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const first = at.ends(id)
    await settle()
    const record = await at.kept.read(id)
    await at.store.delete(id)
    if (record) await at.store.create(record, at.now() + 60_000)
    const second = at.ends(id)
    first.stop()
    await settle()
    await at.store.delete(id)
    expect(second.reasons).toEqual(['revoked'])
  })

  it('is told though another listener throws or rejects, and what they threw is reported', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
    at.store.watch(id, () => {
      throw thrown
    })
    at.store.watch(id, async () => {
      throw rejected
    })
    const { reasons } = at.ends(id)
    expect(await at.sessions.revoke(id)).toBe(true)
    await settle()
    expect(reasons).toEqual(['revoked'])
    expect(at.errors).toEqual([thrown, rejected])
  })

  it('may do anything when it is told, such as to watch again or to stop another', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const again: EndReason[] = []
    at.store.watch(id, () => at.store.watch(id, (reason) => again.push(reason)))
    const watch = at.ends(id)
    at.store.watch(id, () => watch.stop())
    await at.sessions.revoke(id)
    await settle()
    expect(again).toEqual(['gone'])
  })

  it('may be ten thousand, of one session, for two reads', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const before = at.reads()
    let told = 0
    const stops = Array.from({ length: 10_000 }, () => at.store.watch(id, () => told++))
    await settle()
    expect(at.reads() - before).toBe(2)
    for (const stop of stops.slice(0, 4000)) stop()
    await at.sessions.revoke(id)
    expect(told).toBe(6000)
  })
})

describe('a session that ends unheard', () => {
  it('is found to be gone within a recheck, by one read of each session', async () => {
    const at = site({ recheck: 30 })
    const [ada, bob] = [await at.signIn('ada'), await at.signIn('bob')]
    const [watch, same, other] = [at.ends(ada.id), at.ends(ada.id), at.ends(bob.id)]
    await settle()
    // By another process.
    at.kept.delete(ada.id)
    const before = at.reads()
    await vi.advanceTimersByTimeAsync(29_999)
    expect([at.reads() - before, watch.reasons]).toEqual([0, []])
    await vi.advanceTimersByTimeAsync(1)
    expect([watch.reasons, same.reasons, other.reasons]).toEqual([['gone'], ['gone'], []])
    expect(at.reads() - before).toBe(2)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(at.reads() - before).toBe(3)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('is so when it expires, and not while it is used', async () => {
    const at = site()
    const { id, cookie } = await at.signIn('ada')
    const { reasons } = at.ends(id)
    for (let minutes = 0; minutes < 60; minutes += 10) {
      at.now.advance(600)
      await at.visit(() => {}, cookie)
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(reasons).toEqual([])
    // The idle timeout and the tenth of it for which a store keeps a record longer.
    at.now.advance(33 * 60)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(reasons).toEqual(['gone'])
  })

  it('is so when another process lets it speak for another subject', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const { reasons } = at.ends(id)
    await settle()
    const record = await at.kept.read(id)
    if (record) {
      const changed = { ...record, subject: 'bob', version: record.version + 1 }
      at.kept.update(changed, at.now() + 60_000)
    }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(reasons).toEqual(['changed'])
  })

  it('is found past every cache', async () => {
    const memory = memoryStore()
    const record = sample(Date.now())
    memory.create(record, Date.now() + 600_000)
    const store = watched(cached(memory, { staleFor: 300 }))
    await store.read(record.id)
    const reasons: EndReason[] = []
    store.watch(record.id, (reason) => reasons.push(reason))
    await settle()
    memory.delete(record.id)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(reasons).toEqual(['gone'])
  })

  it('is found in the next round where the store failed, or hung, in this one', async () => {
    const memory = memoryStore()
    const record = sample(Date.now())
    memory.create(record, Date.now() + 600_000)
    const down = new Error('down')
    const errors: unknown[] = []
    let fault: 'throws' | 'hangs' | null = 'throws'
    const failing = {
      ...memory,
      read(id: string) {
        if (fault === 'throws') throw down
        return fault ? new Promise<null>(() => {}) : memory.read(id)
      },
    } as AnyStore
    const store = watched(failing, { recheck: 10, onError: (error) => void errors.push(error) })
    const reasons: EndReason[] = []
    store.watch(record.id, (reason) => reasons.push(reason))
    await settle()
    expect(errors).toEqual([down])
    fault = 'hangs'
    await vi.advanceTimersByTimeAsync(10_000)
    fault = null
    memory.delete(record.id)
    // The hanging round is given up after as long, and the next one begins as long after that.
    await vi.advanceTimersByTimeAsync(20_000)
    expect(reasons).toEqual(['gone'])
  })
})

describe('nothing is left behind', () => {
  it('by watches that were told or have stopped: no timer, and no read', async () => {
    const at = site()
    const sessions = await Promise.all(['ada', 'bob'].map(at.signIn))
    const watches = sessions.map(({ id }) => at.ends(id))
    await settle()
    expect(vi.getTimerCount()).toBe(1)
    watches[0]?.stop()
    await at.sessions.revoke(sessions[1]?.id ?? '')
    const before = at.reads()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([vi.getTimerCount(), at.reads() - before]).toEqual([0, 0])
  })

  it('by unwatchAll while a round is under way', async () => {
    const gate = Promise.withResolvers<void>()
    let slow = false
    const memory = memoryStore()
    const record = sample(Date.now())
    memory.create(record, Date.now() + 600_000)
    const store = watched({
      ...memory,
      async read(id: string) {
        if (slow) await gate.promise
        return memory.read(id)
      },
    } as AnyStore)
    store.watch(record.id, () => {})
    await settle()
    slow = true
    await vi.advanceTimersByTimeAsync(60_000)
    await store.unwatchAll()
    store.watch(record.id, () => {})
    gate.resolve()
    await settle()
    expect(vi.getTimerCount()).toBe(1)
  })

  it('by unwatchAll, and a watch may begin after it', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const { reasons } = at.ends(id)
    await at.store.unwatchAll()
    expect(vi.getTimerCount()).toBe(0)
    const next = at.ends(id)
    await settle()
    expect(vi.getTimerCount()).toBe(1)
    await at.sessions.revoke(id)
    expect([reasons, next.reasons]).toEqual([[], ['revoked']])
  })
})

describe('a watched store', () => {
  it('has the powers of the store, wraps and is wrapped', async () => {
    const record = sample(Date.now(), { subject: 'ada' })
    for (const store of [
      watched(Object.freeze(memoryStore())),
      metered(watched(memoryStore()), () => {}),
      watched(metered(memoryStore(), () => {})),
      { ...watched(memoryStore()) },
    ]) {
      expect(await store.create(record, Date.now() + 60_000)).toBe(true)
      expect((await store.list('ada')).records).toEqual([record])
      const reasons: EndReason[] = []
      store.watch(record.id, (reason) => reasons.push(reason))
      expect(await store.delete(record.id)).toBe(true)
      expect(reasons).toEqual(['revoked'])
      expect('sweep' in store && 'watch' in store && !('calls' in store)).toBe(true)
    }
    const { list: _, ...plain } = memoryStore()
    expect('list' in watched(plain as AnyStore)).toBe(false)
  })

  it('fails as the store does, and tells nobody of a delete that failed', async () => {
    const at = site()
    const { id } = await at.signIn('ada')
    const store = watched(
      faultyStore(at.kept, ({ verb }) =>
        verb === 'delete' ? { kind: 'rejects', when: 'before' } : null,
      ),
    )
    const reasons: EndReason[] = []
    store.watch(id, (reason) => reasons.push(reason))
    await expect(store.delete(id)).rejects.toThrow()
    await settle()
    expect(reasons).toEqual([])
  })

  it.each([
    [{ channel: '' }, /"channel"/],
    [{ recheck: 0 }, /"recheck".*got 0/],
    [{ recheck: 1.5 }, /"recheck"/],
    [{ recheck: Infinity }, /"recheck"/],
    [{ notifications: {} as never }, /"notifications"/],
    [{ onError: 'x' as never }, /"onError"/],
  ])('refuses %j', (options, message) => {
    expect(() => watched(memoryStore(), options)).toThrow(TypeError)
    expect(() => watched(memoryStore(), options)).toThrow(message)
  })
})

describe('watched(store) keeps the whole contract:', () => {
  beforeEach(() => void vi.useRealTimers())
  const cases = storeContract(({ clock }) => watched(memoryStore({ clock })), {
    list: true,
    sweep: true,
  })
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})
