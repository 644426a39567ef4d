import type {
  AnyStore,
  JsonObject,
  Secret,
  SessionRecord,
  Store,
  SubjectIndex,
} from '@sojourn/core'
import { type Wrapped, wrapped } from '../wrapped.ts'
import { createSealer, UnsealError } from './seal.ts'

// What stores, and whoever ends a session, work with. It stays legible, and is sealed against change.
type Facts = Omit<SessionRecord, 'lastSeenAt' | 'authentications' | 'device' | 'data'>

// What stands in the place of the data.
interface Sealed extends JsonObject {
  readonly sealed: string
}

/**
 * The same store, powers and all, in which data, devices and authentications are sealed at rest with AES-256-GCM. Ids, subjects and instants
 * stay legible: stores work with them. They are bound to what is sealed, all but `lastSeenAt`, which a touch moves: a record that was changed, damaged or
 * moved, or was never sealed, is read as a failure of the store and left where it is.
 *
 * `keys`: at least 32 bytes each, or HKDF keys; the first seals, all unseal. They may be those that `createSessions` has.
 *
 * A list shows a session that it cannot unseal without data, device and authentications, so that it can be ended.
 *
 * @throws {TypeError} naming the option that is wrong. Reads reject with an `UnsealError`.
 *
 * @example
 * const store = encrypted(sqliteStore({ database }), process.env.SESSION_KEY)
 */
export function encrypted<S extends AnyStore>(
  store: S,
  keys: Secret | readonly Secret[],
): Wrapped<S> {
  if (!store?.update) throw new TypeError(`"store" must be a store, got ${typeof store}`)
  const sealer = createSealer(keys)

  async function seal(record: SessionRecord): Promise<SessionRecord> {
    const { lastSeenAt, ...rest } = record
    const [facts, secrets] = split(rest)
    const sealed = await sealer.seal(facts.id, contextOf(facts), JSON.stringify(secrets))
    const data: Sealed = { sealed }
    return { ...facts, lastSeenAt, authentications: [], device: null, data }
  }

  // By the id that was asked for, whatever the record says of itself.
  async function unseal(id: string, record: SessionRecord): Promise<SessionRecord> {
    const { lastSeenAt, data } = record
    const { sealed } = (data ?? {}) as Partial<Sealed>
    const [facts] = split({ ...record, id })
    const text = await sealer.unseal(id, contextOf(facts), sealed)
    // Under another name a list would show a session that nobody could end by it.
    if (record.id !== id || !Number.isFinite(lastSeenAt)) throw new UnsealError(id, 'damaged')
    return { ...JSON.parse(text), ...facts, lastSeenAt }
  }

  // A session that nobody can read may be live elsewhere, and its owner must be able to end it.
  async function listed(record: SessionRecord): Promise<SessionRecord> {
    try {
      // Whatever somebody has put in its place.
      return await unseal(String(record.id), record)
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error
      const [facts] = split(record)
      const { lastSeenAt } = record
      return { ...facts, lastSeenAt, authentications: [], device: null, data: {} }
    }
  }

  const verbs: Pick<Store & SubjectIndex, 'read' | 'create' | 'update' | 'list'> = {
    async read(id, options) {
      const record = await store.read(id, options)
      return record ? unseal(id, record) : record
    },
    async create(record, expiresAt) {
      return store.create(await seal(record), expiresAt)
    },
    async update(record, expiresAt) {
      return store.update(await seal(record), expiresAt)
    },
    async list(subject, page) {
      const { records, after } = await (store as unknown as SubjectIndex).list(subject, page)
      return { records: await Promise.all(records.map(listed)), after }
    },
  }
  return wrapped(store, { ...verbs })
}

/** The facts of a record in a fixed order, and all else, members included that only a newer version knows. */
function split(record: Omit<SessionRecord, 'lastSeenAt'>): [Facts, object] {
  const { id, format, version, generation, graceUntil, ...more } = record
  const { createdAt, startedAt, generatedAt, subject, persistent, ...secrets } = more
  const times = { createdAt, startedAt, generatedAt }
  return [{ id, format, version, generation, graceUntil, ...times, subject, persistent }, secrets]
}

function contextOf(facts: Facts): string {
  return JSON.stringify(['sojourn/1/seal', ...Object.values(facts)])
}
