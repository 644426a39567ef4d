import { type AnyStore, memoryStore, type SessionRecord } from '@sojourn/core'
import { type Clock, clock as startClock } from '@sojourn/core/testing'
import { encrypted, UnsealError, type UnsealReason } from '@sojourn/stores/encrypted'
import { expect } from 'vitest'
import { sample } from '../kit/records.ts'
import { KEY } from './vector.ts'

export { KEY } from './vector.ts'

export const OLD_KEY = 'a key of 32 bytes, from last year'

/** What no store may be told. */
export const PRIVATE: Partial<SessionRecord> = {
  subject: 'ada',
  authentications: [{ method: 'passkey-of-ada', at: 1_767_225_600_123 }],
  device: { label: 'Firefox on Linux', network: '192.0.2.7' },
  data: { cart: ['green tea'], note: 'naïve 🍪 \ud800' },
}

export interface Sealed {
  readonly clock: Clock
  /** What an attacker, or a backup, has. */
  readonly raw: AnyStore
  readonly store: AnyStore
  readonly record: SessionRecord
  until(): number
  /** The record as it is kept. */
  kept(id?: string): Promise<SessionRecord>
  /** Puts something else in its place, under the same id unless told otherwise. */
  plant(record: object, id?: string): Promise<void>
}

/** A sealed record in a store that somebody else may write to. */
export async function sealed(facts: Partial<SessionRecord> = PRIVATE): Promise<Sealed> {
  const clock = startClock()
  const records = new Map<string, string>()
  const memory = memoryStore({ clock })
  const planted = (id: string) => records.get(id)
  // What was planted is read as it is, under whatever id it names.
  const raw: AnyStore = {
    ...memory,
    async read(id) {
      const text = planted(id)
      return text === undefined ? memory.read(id) : JSON.parse(text)
    },
    async list(subject) {
      const { records } = await memory.list(subject)
      return {
        records: records.map((record) => JSON.parse(planted(record.id) ?? JSON.stringify(record))),
        after: null,
      }
    },
  }
  const store = encrypted(raw, [KEY, OLD_KEY])
  const record = sample(clock(), facts)
  const until = () => clock() + 1_800_000
  await store.create(record, until())
  return {
    clock,
    raw,
    store,
    record,
    until,
    async kept(id = record.id) {
      return (await raw.read(id)) ?? expect.fail('nothing is kept')
    },
    async plant(other, id = record.id) {
      records.set(id, JSON.stringify(other))
    },
  }
}

/** Expects that a read fails, and for this reason. */
export async function refuses(
  store: Pick<AnyStore, 'read'>,
  id: string,
  reason: UnsealReason,
): Promise<UnsealError> {
  const error: unknown = await Promise.resolve(store.read(id)).then(
    (record) => expect.fail(`${JSON.stringify(record)} was read`),
    (error) => error,
  )
  expect(error).toBeInstanceOf(UnsealError)
  expect(error).toMatchObject({ name: 'UnsealError', id, reason })
  return error as UnsealError
}
