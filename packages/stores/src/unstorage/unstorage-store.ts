import type { SessionRecord, Store, SubjectIndex, Sweeper } from '@sojourn/core'
import { checkStorage, entriesOf, type UnstorageStorage } from './entries.ts'
import { isId, keysUnder, known } from './keys.ts'
import { sessionsIn } from './sessions.ts'
import { sweep } from './sweep.ts'
import { inTurn } from './turns.ts'

export interface UnstorageStoreOptions {
  /** What `createStorage` or `prefixStorage` gave. */
  readonly storage: UnstorageStorage
  /** What its keys begin with. Default `sojourn`. */
  readonly prefix?: string
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface UnstorageStore extends Store, SubjectIndex, Sweeper {
  /** As every sweep. It lists every key and reads every session, so it is for drivers that know no TTL, and not for each minute. */
  sweep(before: number, limit: number): Promise<number>
}

/**
 * Sessions in whatever unstorage reaches. It has no atomic operation, so the store is eventually consistent: as good as a strong one within this
 * process, whose writers it keeps apart, but not between processes. See docs/stores.md for what that costs.
 *
 * `list` and `sweep` reject with the `SessionError` `ERR_SESSION_INDEX` where the driver cannot list its keys.
 *
 * @throws {TypeError} naming the option that is wrong.
 */
export function unstorageStore(options: UnstorageStoreOptions): UnstorageStore {
  const { storage, prefix = 'sojourn', clock = Date.now } = options
  checkStorage(storage)
  const keys = keysUnder(prefix)
  const entries = entriesOf(storage, keys.probe)
  const sessions = sessionsIn(entries, keys, clock)
  const read = (id: string) => inTurn(id, 'together', () => sessions.live(id))

  return {
    consistency: 'eventual',
    async read(id) {
      return isId(id) ? ((await read(id))?.record ?? null) : null
    },
    create(record, expiresAt) {
      return inTurn(record.id, 'alone', async (turn) => {
        if (await sessions.find(record.id)) return false
        await sessions.begin(turn, record, expiresAt)
        return true
      })
    },
    async update(record, expiresAt) {
      if (!isId(record.id)) return 'missing'
      return inTurn(record.id, 'alone', async (turn) => {
        const found = await sessions.live(record.id)
        if (!found) return 'missing'
        if (found.record.version !== record.version - 1) return 'stale'
        return (await sessions.replace(turn, record, expiresAt, found)) ? 'updated' : 'missing'
      })
    },
    async touch(id, lastSeenAt, expiresAt) {
      if (!isId(id)) return false
      return inTurn(id, 'alone', async (turn) => {
        const found = await sessions.live(id)
        return !!found && sessions.touch(turn, found, lastSeenAt, expiresAt)
      })
    },
    async delete(id) {
      if (!isId(id)) return false
      return inTurn(id, 'alone', async (turn) => {
        const found = await sessions.live(id)
        if (found) await sessions.end(turn, found)
        return !!found
      })
    },
    async list(subject, { after = null, limit = 100 } = {}) {
      const base = await keys.subject(subject)
      const rest = (await entries.list(base)).sort().filter((key) => key > (after ?? ''))
      const page = rest.slice(0, limit)
      const records = await Promise.all(
        page.map(async (key) => {
          const one = known(keys.base, key)
          return one && ((await read(one.id))?.record ?? null)
        }),
      )
      return {
        records: records.filter((record): record is SessionRecord => record?.subject === subject),
        after: rest.length > limit ? (page.at(-1) ?? null) : null,
      }
    },
    sweep: (before, limit) => sweep(entries, keys, before, limit),
  }
}
