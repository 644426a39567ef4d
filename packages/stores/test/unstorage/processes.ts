import { unstorageStore } from '@sojourn/stores/unstorage'
import type { Storage } from 'unstorage'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../kit/processes.ts'
import { sample } from '../kit/records.ts'
import type { Order, Report } from './storage.process.ts'

const MINUTE = 60_000
const ROUNDS = 8

/** What holds between processes on one storage, and what docs/stores.md says may happen. */
export function processTests(
  driver: 'fs' | 'redis',
  open: () => Promise<{ storage: Storage; where: string }>,
): void {
  const started: ReturnType<typeof run<Report>>[] = []
  afterAll(() => Promise.all(started.map((one) => one.end())))

  async function other(where: string) {
    const process = run<Report>(import.meta.resolve('./storage.process.ts'), driver, where)
    started.push(process)
    expect(await process.next()).toEqual({ report: 'ready' })
    const send = (order: Order) => process.send(order)
    return { send, next: () => process.next(), end: () => process.end() }
  }

  /** A session, its store here, and another process that has read it and is about to write. */
  async function setup(kind: 'record' | 'touch', order: 'update' | 'touch' = 'update') {
    const { storage, where } = await open()
    const store = unstorageStore({ storage })
    const now = Date.now()
    const until = now + 30 * MINUTE
    const record = sample(now, { subject: 'ada', data: { count: 0 } })
    await store.create(record, until)
    const away = await other(where)
    away.send({ order: 'stop at', kind })
    const theirs = { ...record, version: 2, data: { theirs: true } }
    away.send(order === 'update' ? { order, record: theirs } : { order, id: record.id })
    expect(await away.next()).toEqual({ report: 'stopped' })
    const goOn = async () => {
      away.send({ order: 'go on' })
      const report = await away.next()
      await away.end()
      return report
    }
    return { store, record, theirs, until, goOn }
  }

  describe(`two processes on one storage: ${driver}:`, () => {
    it('a revoked session stays so, whatever update was under way elsewhere, and its writer is told', async () => {
      const { store, record, goOn } = await setup('record')
      expect(await store.delete(record.id)).toBe(true)
      expect(await store.read(record.id)).toBeNull()
      expect(await goOn()).toEqual({ report: 'answered', answer: 'missing' })
      expect(await store.read(record.id)).toBeNull()
      expect(await store.list('ada')).toEqual({ records: [], after: null })
      expect(await store.delete(record.id)).toBe(false)
    })

    it('a revoked session stays so, whatever touch was under way elsewhere', async () => {
      const { store, record, goOn } = await setup('touch', 'touch')
      expect(await store.delete(record.id)).toBe(true)
      await goOn()
      expect(await store.read(record.id)).toBeNull()
    })

    it('a touch takes back no change that was made elsewhere meanwhile', async () => {
      const { store, record, theirs, until, goOn } = await setup('touch', 'touch')
      expect(await store.update(theirs, until)).toBe('updated')
      expect(await goOn()).toEqual({ report: 'answered', answer: true })
      expect(await store.read(record.id)).toEqual(theirs)
    })

    it('a token that was replaced is not good again by a write that was under way elsewhere, but the session is lost', async () => {
      const { store, record, until, goOn } = await setup('record')
      const signedIn = { ...record, version: 2, generation: 1, data: { mine: true } }
      expect(await store.update(signedIn, until)).toBe('updated')
      expect(await goOn()).toEqual({ report: 'answered', answer: 'missing' })
      expect(await store.read(record.id)).toBeNull()
    })

    it('of two updates that cross, one is lost, and both are told that they were made', async () => {
      const { store, record, theirs, until, goOn } = await setup('record')
      expect(await store.update({ ...record, version: 2 }, until)).toBe('updated')
      expect(await goOn()).toEqual({ report: 'answered', answer: 'updated' })
      expect(await store.read(record.id)).toEqual(theirs)
    })

    it(`two that hammer a session read it whole, and none outlives its revocation: ${ROUNDS} of ${ROUNDS}`, async () => {
      const { storage, where } = await open()
      const store = unstorageStore({ storage })
      const others = await Promise.all([other(where), other(where)])
      for (let round = 0; round < ROUNDS; round++) {
        const now = Date.now()
        const record = sample(now, { subject: 'bob' })
        await store.create(record, now + 30 * MINUTE)
        for (const one of others) one.send({ order: 'hammer', id: record.id })
        const told = await Promise.all(others.map((one) => one.next()))
        expect(told).toEqual([{ report: 'hammering' }, { report: 'hammering' }])
        expect(await store.delete(record.id)).toBe(true)
        expect(await store.read(record.id)).toBeNull()
        const ended = await Promise.all(others.map((one) => one.next()))
        expect(ended).toEqual([{ report: 'over' }, { report: 'over' }])
        expect(await store.read(record.id)).toBeNull()
        expect(await store.list('bob')).toEqual({ records: [], after: null })
      }
    })
  })
}
