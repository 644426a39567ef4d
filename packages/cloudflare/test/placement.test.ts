import { env } from 'cloudflare:workers'
import { type DurableObjectStoreOptions, durableObjectStore } from '@sojourn/cloudflare'
import { describe, expect, it } from 'vitest'
import { MINUTE, newSubject, objects, sample } from './objects.ts'

type Namespaces = Pick<DurableObjectStoreOptions, 'sessions' | 'subjects'>

const { clock } = objects()
const bound: Namespaces = { sessions: env.SESSIONS, subjects: env.SUBJECTS }

/** What workerd lacks: namespaces whose objects of one name are others in each jurisdiction. */
function withJurisdictions(asked: unknown[] = []): Namespaces {
  function within<T>(namespace: T, jurisdiction: string | null): T {
    const { getByName } = namespace as { getByName(name: string, options: object): object }
    return {
      jurisdiction: (name: string) => within(namespace, name),
      getByName(name: string, options: object) {
        asked.push([jurisdiction, name, options])
        return Reflect.apply(getByName, namespace, [`${jurisdiction}/${name}`, options])
      },
    } as T
  }
  return { sessions: within(bound.sessions, null), subjects: within(bound.subjects, null) }
}

describe('the objects', () => {
  it('are asked for in the jurisdiction and near the place that were chosen', async () => {
    const asked: unknown[] = []
    const options = withJurisdictions(asked)
    const placed = durableObjectStore({ ...options, locationHint: 'weur', jurisdiction: 'eu' })
    const id = 'a'.repeat(32)
    await placed.read(id)
    await placed.list('ada')
    await durableObjectStore(options).read(id)
    expect(asked).toEqual([
      ['eu', id, { locationHint: 'weur' }],
      ['eu', 'ada', { locationHint: 'weur' }],
      [null, id, {}],
    ])
  })

  it('of one jurisdiction hold sessions and subjects that are unknown in another, and in none', async () => {
    const options = withJurisdictions()
    const eu = durableObjectStore({ ...options, jurisdiction: 'eu' })
    const others = [
      durableObjectStore({ ...options, jurisdiction: 'us' }),
      durableObjectStore(options),
    ]
    const subject = newSubject()
    const record = sample(clock, { subject })
    await eu.create(record, clock() + MINUTE)
    expect(await eu.read(record.id)).toEqual(record)
    expect((await eu.list(subject)).records).toEqual([record])
    for (const other of others) {
      expect(await other.read(record.id)).toBeNull()
      expect((await other.list(subject)).records).toEqual([])
      expect(await other.delete(record.id)).toBe(false)
    }
    expect(await eu.read(record.id)).toEqual(record)
  })

  it('are the same ones whatever place was hinted at, since they stay where they began', async () => {
    const record = sample(clock)
    const near = durableObjectStore({ ...bound, locationHint: 'weur' })
    await near.create(record, clock() + MINUTE)
    for (const locationHint of ['weur', 'apac', 'nowhere']) {
      const store = durableObjectStore({ ...bound, locationHint })
      expect(await store.read(record.id)).toEqual(record)
    }
    expect(await durableObjectStore(bound).read(record.id)).toEqual(record)
  })

  // The day that workerd learns it, the two stand-ins above can go.
  it('have no jurisdiction in workerd, which says so when the store is made', () => {
    expect(() => durableObjectStore({ ...bound, jurisdiction: 'eu' })).toThrow(
      'Jurisdiction restrictions are not implemented in workerd.',
    )
  })
})
