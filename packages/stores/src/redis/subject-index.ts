import type { SessionRecord, SubjectPage } from '@sojourn/core'
import { fixed, LAST } from './entry.ts'
import { fromKey, toKey } from './key-text.ts'
import type { Run } from './run.ts'
import { PAGE, PROMISE } from './scripts.ts'
import type { Send } from './send.ts'

// How much longer than its session an entry is promised: a session in use has its entry written again once a day.
const LEASE = 86_400_000

// How much longer than promised it is kept, for a process with a clock ahead of the others'.
const SLACK = 86_400_000

// How many sessions a list looks at at once, where it finds fewer than it was asked for.
const MOST = 1000

/**
 * A subject's sessions, in a sorted set of their ids by when the entries run out. In a cluster it lies elsewhere than the sessions, so it may have too
 * many, never too few: an entry is promised before a session relies on it, and a list looks at each session itself.
 */
export interface Index {
  /** Promises that the subject's list has a session; until when. */
  promise(subject: string, id: string, expiresAt: number): Promise<number>
  /** Drops the entry of a session that is gone for good. */
  forget(subject: string, id: string): Promise<void>
  list(
    subject: string,
    after: string | null,
    limit: number,
    read: (id: string) => Promise<SessionRecord | null>,
  ): Promise<SubjectPage>
}

export function subjectIndex(
  run: Run,
  send: Send,
  keyOf: (subject: string) => string,
  clock: () => number,
): Index {
  /** Ids, each with its place, from after a place on. */
  async function page(subject: string, after: string, limit: number): Promise<[string, string][]> {
    const [, score = '-inf', id = ''] = /^([^:]+):(.*)$/s.exec(after) ?? []
    const args = [fixed(clock()), String(limit), score, id]
    const found = (await run(PAGE, keyOf(subject), ...args)) as string[]
    return Array.from({ length: found.length / 2 }, (_, at) => {
      const key = String(found[2 * at])
      return [fromKey(key), `${found[2 * at + 1]}:${key}`]
    })
  }

  return {
    async promise(subject, id, expiresAt) {
      const until = Math.ceil(Math.min(expiresAt, LAST)) + LEASE
      const now = clock()
      const kept = until + SLACK
      const time = String(Math.max(1, Math.ceil(kept - now)))
      await run(PROMISE, keyOf(subject), fixed(now), time, fixed(kept), toKey(id))
      return until
    },
    async forget(subject, id) {
      await send(keyOf(subject), ['ZREM', keyOf(subject), toKey(id)])
    },
    async list(subject, after, limit, read) {
      const records: SessionRecord[] = []
      let place = after ?? ''
      if (limit < 1) return { records, after: null }
      for (let count = limit; ; count = Math.min(2 * count, MOST)) {
        // One more says whether there is a next page.
        const entries = await page(subject, place, count + 1)
        const looked = entries.slice(0, count)
        const found = await Promise.all(looked.map(([id]) => read(id)))
        for (const [at, record] of found.entries()) {
          if (record?.subject === subject) records.push(record)
          place = looked[at]?.[1] ?? ''
          const more = at + 1 < entries.length
          if (records.length === limit) return { records, after: more ? place : null }
        }
        if (entries.length <= count) return { records, after: null }
      }
    },
  }
}
