import type { ObjectStorage } from 'cloudflare:workers'
import { createMeter, type Meter } from './meter.ts'

/** What an object has of the platform, as far as these tests look. */
export interface ObjectContext {
  readonly id: { readonly name?: string }
  readonly storage: ObjectStorage & { readonly sql: { readonly databaseSize: number } }
}

/** An alarm that is set, and how to reach its object. */
export interface Alarm {
  readonly at: number
  readonly stub: () => unknown
}

/** The alarms that are set, by the names of their objects. */
export type Alarms = Map<string, Alarm>

/** The hour that is being counted. The objects live in the same isolate as the tests. */
export const current: { meter: Meter; alarms: Alarms } = {
  meter: createMeter(Date.now),
  alarms: new Map(),
}

/**
 * The same storage, with each row counted as the price list has it: entries are rows of a hidden table, an alarm that is set is one row
 * written, a deletion is a write. Where the list says nothing, it is counted as if it cost.
 */
export function counted({ id, storage }: ObjectContext, stubOf: (name: string) => unknown) {
  const name = id.name ?? ''
  const { kv } = storage
  const rows = (unit: 'rowsRead' | 'rowsWritten', count = 1) => current.meter.count(unit, count)
  const kept = () => current.meter.keep('objectByteSeconds', name, storage.sql.databaseSize)

  const watched: ObjectStorage = {
    kv: {
      get<T>(key: string) {
        const found = kv.get<T>(key)
        if (found !== undefined) rows('rowsRead')
        return found
      },
      put(key, value) {
        kv.put(key, value)
        rows('rowsWritten')
        kept()
      },
      delete(key) {
        const deleted = kv.delete(key)
        if (deleted) rows('rowsRead')
        if (deleted) rows('rowsWritten')
        return deleted
      },
      list<T>(options?: object) {
        const found = [...kv.list<T>(options)]
        rows('rowsRead', found.length)
        return found
      },
    },
    getAlarm() {
      rows('rowsRead')
      return storage.getAlarm()
    },
    setAlarm(at) {
      const done = storage.setAlarm(at)
      rows('rowsWritten')
      kept()
      current.alarms.set(name, { at, stub: () => stubOf(name) })
      return done
    },
    deleteAlarm() {
      if (current.alarms.delete(name)) rows('rowsWritten')
      return storage.deleteAlarm()
    },
    deleteAll() {
      const { length } = [...kv.list()]
      rows('rowsRead', length)
      rows('rowsWritten', length)
      current.meter.drop(name)
      return storage.deleteAll()
    },
  }
  return { id, storage: watched }
}
