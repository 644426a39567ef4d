/// <reference path="./cloudflare-workers.d.ts" />
import { waitUntil } from 'cloudflare:workers'
import type { ReadOptions, SessionRecord, Store, SubjectIndex } from '@sojourn/core'
import { checkKv, type KvNamespace, ttlOf } from './kv-namespace.ts'

export interface KvCacheOptions {
  /** The KV namespace. */
  readonly namespace: KvNamespace
  /** A plain read may be as old as this, in whole seconds, and no older. Default 60. */
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
  if (!(Number.isSafeInteger(staleFor) && staleFor > 0)) {
    throw new TypeError(`"staleFor" must be an integer number of seconds from 1, got ${staleFor}`)
  }
  checkKv(kv)

  const lifetime = staleFor * 1000
  const keyOf = (id: string) => `${prefix}${id}`

  async function copyOf(id: string): Promise<SessionRecord | null> {
    const text = await kv.get(keyOf(id))
    const copy: Copy | null = text === null ? null : JSON.parse(text)
    return copy && clock() < copy.at + lifetime ? copy.record : null
  }

  async function keep(record: SessionRecord, at: number): Promise<void> {
    const copy: Copy = { at, record }
    const life = { expirationTtl: ttlOf(lifetime) }
    await kv.put(keyOf(record.id), JSON.stringify(copy), life).catch(ignore)
  }

  async function forget(id: string): Promise<void> {
    await kv.delete(keyOf(id)).catch(ignore)
  }

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
      if (record) waitUntil(keep(record, at))
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
