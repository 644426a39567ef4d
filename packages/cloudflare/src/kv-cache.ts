/// <reference path="./cloudflare-workers.d.ts" />
import { waitUntil } from 'cloudflare:workers'
import type { ReadOptions, SessionRecord, Store, SubjectIndex } from '@sojourn/core'
import { checkKv, type KvNamespace, persist, sleep, ttlOf, WRITE_INTERVAL } from './kv-namespace.ts'

export interface KvCacheOptions {
  /** The KV namespace. */
  readonly namespace: KvNamespace
  /** A plain read may be as old as this, in whole seconds, and no older: 10 or more. Default 60. */
  readonly staleFor?: number
  /** What its keys begin with. Default `sojourn:cached:`. */
  readonly prefix?: string
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface KvCachedStore extends Store, SubjectIndex {}

// The record as the authority had it at `at`, or later.
interface Copy {
  readonly at: number
  readonly record: SessionRecord
}

// A request waits so many milliseconds for KV, which goes on trying for so many.
const PATIENCE = 500
const PERSISTENCE = 10_000

/**
 * A store whose plain reads come from copies in Workers KV, at most `staleFor` old. Writes, revocations, lists and authoritative reads go to the
 * authority: a strong store, such as `durableObjectStore`. What KV fails at costs the copy and nothing else.
 *
 * @throws {TypeError} naming the option at fault, and for a missing binding the file to add it to.
 */
export function kvCache(authority: Store & SubjectIndex, options: KvCacheOptions): KvCachedStore {
  const { namespace: kv, staleFor = 60, prefix = 'sojourn:cached:', clock = Date.now } = options
  if (authority?.consistency !== 'strong') {
    throw new TypeError(`"authority" must be a strong store, got ${authority?.consistency}`)
  }
  if (!(Number.isSafeInteger(staleFor) && staleFor >= 10)) {
    throw new TypeError(`"staleFor" must be whole seconds from 10, got ${staleFor}`)
  }
  checkKv(kv)

  const lifetime = staleFor * 1000
  const keyOf = (id: string) => `${prefix}${id}`
  // The newest that is to be done to each copy: what is older and has not been done is not done any more.
  const newest = new Map<string, object>()

  async function copyOf(id: string): Promise<SessionRecord | null> {
    const text = await within(PATIENCE, kv.get(keyOf(id)))
    const copy: Partial<Copy> | null = text ? JSON.parse(text) : null
    const { at = 0, record } = copy ?? {}
    return record?.id === id && clock() < at + lifetime ? record : null
  }

  /** Waits for KV no longer than a request may. What KV refuses as too early is tried again after the response. */
  async function change(id: string, perform: () => Promise<void>, delay = 0): Promise<void> {
    const turn = {}
    newest.set(id, turn)
    const done = (async () => {
      if (delay) await sleep(delay)
      await persist(async () => {
        if (newest.get(id) === turn) await within(PERSISTENCE, perform())
      }, PERSISTENCE)
    })()
      .catch(ignore)
      .finally(() => newest.get(id) === turn && newest.delete(id))
    waitUntil(done)
    if (!delay) await within(PATIENCE, done)
  }

  function keep(record: SessionRecord, at: number, delay = 0): Promise<void> {
    const copy: Copy = { at, record }
    const life = { expirationTtl: ttlOf(lifetime) }
    return change(record.id, () => kv.put(keyOf(record.id), JSON.stringify(copy), life), delay)
  }

  const forget = (id: string) => change(id, () => kv.delete(keyOf(id)))

  // Each copy is dated before the authority is asked: what comes between makes it seem older than it is, never younger.
  return {
    consistency: 'eventual',
    ...(authority.leastTouchInterval && { leastTouchInterval: authority.leastTouchInterval }),
    async read(id, { authoritative = false }: ReadOptions = {}) {
      if (authoritative) return authority.read(id)
      const copy = await copyOf(id).catch(ignore)
      if (copy) return copy
      const at = clock()
      const record = await authority.read(id)
      // Later, since KV takes one write a second, and this request's own comes first.
      if (record && !newest.has(id)) void keep(record, at, WRITE_INTERVAL)
      return record
    },
    create: (record, expiresAt) => authority.create(record, expiresAt),
    async update(record, expiresAt) {
      const at = clock()
      const answer = await authority.update(record, expiresAt)
      if (answer === 'updated') await keep(record, at)
      if (answer === 'missing') await forget(record.id)
      return answer
    },
    async touch(id, lastSeenAt, expiresAt) {
      if (!(await authority.touch(id, lastSeenAt, expiresAt))) return false
      // Otherwise every read of the old copy would find another touch due.
      const at = clock()
      const record = await authority.read(id)
      if (record) await keep(record, at)
      return true
    },
    async delete(id) {
      const deleted = await authority.delete(id)
      await forget(id)
      return deleted
    },
    list: (subject, page) => authority.list(subject, page),
  }
}

// A copy that could not be read, kept or forgotten: the authority has the truth, and the bound holds all the same.
function ignore(): void {}

/** What a promise gives within so many milliseconds; `undefined` after them. */
async function within<T>(limit: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
