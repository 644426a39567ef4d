import type { SessionRecord, Store, SubjectIndex, SubjectPage } from '@sojourn/core'
import { type RedisClient, senderOf } from './client.ts'
import { entryOf, fixed, LAST, nonce, parseEntry } from './entry.ts'
import { toKey } from './key-text.ts'
import { runner } from './run.ts'
import { CREATE, DELETE, TOUCH, UPDATE } from './scripts.ts'
import { subjectIndex } from './subject-index.ts'

const MARGIN = 60_000

export interface RedisStoreOptions {
  /** A connected client of node-redis or ioredis: single, sentinel or cluster. */
  readonly client: RedisClient
  /** What all keys begin with. Default `sojourn:`. */
  readonly prefix?: string
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface RedisStore extends Store, SubjectIndex {}

/**
 * Sessions in Redis or Valkey: strongly consistent, one command for each verb.
 *
 * @throws {TypeError} naming the option that is wrong.
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, prefix = 'sojourn:', clock = Date.now } = options
  if (typeof prefix !== 'string') {
    throw new TypeError(`"prefix" must be a string, got ${typeof prefix}`)
  }
  const send = senderOf(client)
  const run = runner(send)
  const keyOf = (id: string): string => `${prefix}session:${toKey(id)}`
  const index = subjectIndex(run, send, (subject) => `${prefix}subject:${toKey(subject)}`, clock)

  // Redis has a clock of its own: it is told how long, and a minute more, for clocks that differ or are put back.
  function keep(expiresAt: number): string {
    return String(MARGIN + Math.max(0, Math.ceil(Math.min(expiresAt, LAST) - clock())))
  }

  async function live(id: string): Promise<SessionRecord | null> {
    const text = await send(keyOf(id), ['GET', keyOf(id)])
    if (text === null) return null
    const { record, expiresAt } = parseEntry(String(text))
    return expiresAt > clock() ? record : null
  }

  return {
    consistency: 'strong',
    read: live,
    async create(record, expiresAt) {
      const { id, subject } = record
      const unique = nonce()
      const promised = subject === null ? 0 : await index.promise(subject, id, expiresAt)
      const entry = entryOf(record, expiresAt, promised, unique)
      const args = [fixed(clock()), keep(expiresAt), unique, entry]
      return (await run(CREATE, keyOf(id), ...args)) === '1'
    },
    async update(record, expiresAt) {
      const { id, subject, version } = record
      const unique = nonce()
      const write = (promised: number): Promise<string | string[]> => {
        const entry = entryOf(record, expiresAt, promised, unique)
        const args = [fixed(clock()), keep(expiresAt), fixed(version - 1), entry]
        return run(UPDATE, keyOf(id), ...args)
      }
      let answer = await write(0)
      if (answer === '3' && subject !== null) {
        answer = await write(await index.promise(subject, id, expiresAt))
      }
      return answer === '1' ? 'updated' : answer === '2' ? 'stale' : 'missing'
    },
    async touch(id, lastSeenAt, expiresAt) {
      const until = [lastSeenAt, expiresAt].map(fixed)
      const write = (promised: number, subject: string) =>
        run(TOUCH, keyOf(id), fixed(clock()), keep(expiresAt), ...until, fixed(promised), subject)
      let answer = String(await write(0, ''))
      // A subject, whose index must promise the session first. By then another may have signed in.
      while (answer.startsWith('"')) {
        const promised = await index.promise(JSON.parse(answer), id, expiresAt)
        answer = String(await write(promised, answer))
      }
      return answer === '1'
    },
    async delete(id) {
      const answer = String(await run(DELETE, keyOf(id), fixed(clock())))
      if (answer === '0') return false
      const subject: string | null = JSON.parse(answer)
      if (subject !== null) await index.forget(subject, id)
      return true
    },
    async list(subject, { after, limit = 100 } = {}): Promise<SubjectPage> {
      return index.list(subject, after ?? null, limit, live)
    },
  }
}
