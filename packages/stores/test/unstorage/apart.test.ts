import { randomBytes } from 'node:crypto'
import type { SessionRecord } from '@sojourn/core'
import fc from 'fast-check'
import { createStorage } from 'unstorage'
import { describe, expect, it, vi } from 'vitest'
import { sample } from '../kit/records.ts'

type Unstorage = typeof import('@sojourn/stores/unstorage')

const NOW = Date.now()
const UNTIL = NOW + 30 * 60_000

/** A copy of the module that knows nothing of the others’ turns, as in a process of its own. */
async function copy(): Promise<Unstorage['unstorageStore']> {
  vi.resetModules()
  return (await import('@sojourn/stores/unstorage')).unstorageStore
}

const [here, elsewhere] = [await copy(), await copy()]

/** Two processes on one storage, whose every call waits until the scheduler says so. */
function places(scheduler: fc.Scheduler) {
  const storage = createStorage()
  const waiting = { on: false }
  const turn = () => (waiting.on ? scheduler.schedule(Promise.resolve()) : undefined)
  const slow = {
    ...storage,
    getItem: async (key: string) => {
      await turn()
      return storage.getItem(key)
    },
    setItem: async (key: string, value: string) => {
      await turn()
      await storage.setItem(key, value)
    },
    removeItem: async (key: string) => {
      await turn()
      await storage.removeItem(key)
    },
  }
  const clock = () => NOW
  return {
    storage,
    near: here({ storage: slow, clock }),
    far: elsewhere({ storage: slow, clock }),
    async race<T extends readonly Promise<unknown>[]>(begin: () => T) {
      waiting.on = true
      const all = Promise.all(begin())
      await scheduler.waitFor(all)
      waiting.on = false
      return all
    },
  }
}

const session = (facts: Partial<SessionRecord> = {}) =>
  sample(NOW, { id: randomBytes(24).toString('base64url'), subject: 'ada', ...facts })

describe('in whatever order the calls of two processes come,', () => {
  it('two copies of the module really know nothing of each other', () => {
    expect(here).not.toBe(elsewhere)
  })

  it('nothing lives after its revocation, neither once it is acknowledged nor once all have ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { storage, near, far, race } = places(scheduler)
        const record = session()
        await near.create(record, UNTIL)
        const next = { ...record, version: 2, generation: 1, subject: 'bob' }
        const [read] = await race(
          () =>
            [
              Promise.resolve(near.delete(record.id)).then(() => near.read(record.id)),
              Promise.resolve(far.update(next, UNTIL + 60_000)),
              Promise.resolve(far.touch(record.id, NOW + 1, UNTIL + 1)),
            ] as const,
        )
        expect(read).toBeNull()
        expect(await storage.getKeys('sojourn:record')).toEqual([])
        for (const one of [near, far]) {
          expect(await one.read(record.id)).toBeNull()
          for (const subject of ['ada', 'bob']) {
            expect(await one.list(subject)).toEqual({ records: [], after: null })
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('a sign-in that was acknowledged is never undone: it holds, or the session is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { near, far, race } = places(scheduler)
        const record = session({ subject: null })
        await near.create(record, UNTIL)
        const signedIn = { ...record, version: 2, generation: 1, subject: 'ada' }
        const [answer] = await race(
          () =>
            [
              Promise.resolve(near.update(signedIn, UNTIL)),
              Promise.resolve(far.update({ ...record, version: 2, data: { b: 1 } }, UNTIL)),
              Promise.resolve(far.touch(record.id, NOW + 1, UNTIL + 1)),
            ] as const,
        )
        const left = await far.read(record.id)
        if (answer === 'updated') expect(left?.generation ?? 1).toBe(1)
        else expect(left?.generation).toBe(0)
        const { records } = await near.list('ada')
        expect(records).toEqual(left?.subject === 'ada' ? [left] : [])
      }),
      { numRuns: 300 },
    )
  })

  it('a touch takes back no update', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { near, far, race } = places(scheduler)
        const record = session()
        await near.create(record, UNTIL)
        const next = { ...record, version: 2, data: { b: 1 } }
        const answers = await race(
          () =>
            [
              Promise.resolve(near.update(next, UNTIL)),
              Promise.resolve(far.touch(record.id, NOW + 1, UNTIL + 1)),
            ] as const,
        )
        expect(answers).toEqual(['updated', true])
        expect(await near.read(record.id)).toMatchObject({ version: 2, data: { b: 1 } })
      }),
      { numRuns: 300 },
    )
  })
})

describe('a session that signs in elsewhere while its keys are read', () => {
  it('is not taken for one whose token was written back', async () => {
    const storage = createStorage()
    const signedIn = Promise.withResolvers<void>()
    const slow = {
      ...storage,
      async getItem(key: string) {
        if (key.includes(':replaced:')) await signedIn.promise
        return storage.getItem(key)
      },
    }
    const near = here({ storage, clock: () => NOW })
    const record = session()
    await near.create(record, UNTIL)
    const reading = Promise.resolve(elsewhere({ storage: slow, clock: () => NOW }).read(record.id))
    const next = { ...record, version: 2, generation: 1 }
    expect(await near.update(next, UNTIL)).toBe('updated')
    signedIn.resolve()
    expect(await reading).toEqual(next)
  })
})

describe('two processes that sign a session in for the same subject at once', () => {
  it('leave it on the list for as long as it lives, though one of them promised it for less', async () => {
    const storage = createStorage()
    let now = NOW
    const clock = () => now
    const far = elsewhere({ storage, clock })
    const record = session({ subject: null })
    const signedIn = { ...record, version: 2, generation: 1, subject: 'ada' }
    let first = true
    const near = here({
      clock,
      storage: {
        ...storage,
        async setItem(key: string, value: string) {
          // The other is faster, but not with the index entry.
          if (key.includes(':record:') && first) {
            first = false
            await far.update(signedIn, UNTIL)
          }
          await storage.setItem(key, value)
        },
      },
    })
    await far.create(record, UNTIL)
    const days = 86_400_000
    expect(await near.update(signedIn, NOW + 30 * days)).toBe('updated')
    now += 20 * days
    await far.sweep(now, 10)
    expect(await near.list('ada')).toEqual({ records: [signedIn], after: null })
  })
})

describe('a token that was replaced', () => {
  it('is not good again when its mark has had its time, though a process that lags wrote it for longer', async () => {
    const storage = createStorage()
    const days = 86_400_000
    let now = NOW
    const clock = () => now
    const near = here({ storage, clock })
    const record = session()
    await near.create(record, UNTIL)
    const regenerated = { ...record, version: 2, generation: 1 }
    const far = elsewhere({
      clock,
      storage: {
        ...storage,
        async setItem(key: string, value: string) {
          // The other is faster.
          if (key.includes(':record:')) await near.update(regenerated, UNTIL)
          await storage.setItem(key, value)
        },
      },
    })
    const remembered = { ...record, version: 2, persistent: true }
    expect(await far.update(remembered, NOW + 33 * days)).toBe('missing')
    for (const day of [0, 1, 2, 10, 32]) {
      now = NOW + day * days
      await near.sweep(now, 10)
      expect(await near.read(record.id)).toBeNull()
    }
  })
})
