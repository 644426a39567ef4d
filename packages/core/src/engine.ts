import { SessionError } from './errors.ts'
import type { SessionEventDetails, StoreOperation } from './events.ts'
import type { Keyring } from './keyring.ts'
import { expiredBy, type Policy } from './lifetime.ts'
import type { Awaitable } from './provider.ts'
import { isIntact, isRecordOf, RECORD_FORMAT, type SessionRecord } from './record.ts'
import { type AnyStore, AUTHORITATIVE, type ReadOptions } from './store.ts'

/** Whom an event is about. */
export type About = Pick<SessionRecord, 'id' | 'subject'> | null

/** What every part of a request's way works with, made once by `createSessions`. */
export interface Engine {
  readonly store: AnyStore
  readonly keyring: Keyring
  readonly policy: Policy
  /** Milliseconds that a store call may take. */
  readonly timeLimit: number
  now(): number
  emit<T extends keyof SessionEventDetails>(
    type: T,
    about: About,
    details: SessionEventDetails[T],
  ): void
}

type Verbs = Required<Pick<AnyStore, StoreOperation>>

/**
 * A store call within the time limit. What the store throws, rejects with or never answers becomes a `SessionError` and an event; an answer
 * that comes too late is ignored.
 */
export async function ask<Operation extends StoreOperation>(
  engine: Engine,
  operation: Operation,
  about: About,
  ...args: Parameters<Verbs[Operation]>
): Promise<Awaited<ReturnType<Verbs[Operation]>>> {
  type Answer = Awaited<ReturnType<Verbs[Operation]>>
  try {
    const store = engine.store as unknown as Record<StoreOperation, (...args: unknown[]) => unknown>
    const answer = store[operation](...args) as Awaitable<Answer>
    // Not every promise is ours: a remote call gives one of its own kind.
    return (answer as Partial<Promise<Answer>>)?.then
      ? await limited(answer, engine.timeLimit)
      : (answer as Answer)
  } catch (cause) {
    const error =
      cause instanceof SessionError
        ? cause
        : new SessionError('ERR_SESSION_STORE', `The store failed to ${operation}`, { cause })
    engine.emit('store-failure', about, { operation, error })
    throw error
  }
}

function limited<T>(answer: Awaitable<T>, limit: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SessionError('ERR_SESSION_TIMEOUT', `The store took ${limit} ms`))
    }, limit)
    Promise.resolve(answer)
      .then(resolve, reject)
      .then(() => clearTimeout(timer))
  })
}

/**
 * The live record of an id; `unknown` where the store has none, `null` where an event has said why it is none. One that has expired is removed,
 * so that no clock that goes back revives it; not where it may have been used elsewhere meanwhile.
 *
 * @throws {SessionError} when the store fails, or the record is of a newer format.
 */
export async function readRecord(
  engine: Engine,
  id: string,
  options?: ReadOptions,
): Promise<SessionRecord | 'unknown' | null> {
  const unread = { id, subject: null }
  const found: unknown = await ask(engine, 'read', unread, id, options)
  if (!found) return 'unknown'
  if (isRecordOf(id, found)) {
    if (found.format > RECORD_FORMAT) {
      const message = `Session ${id} has format ${found.format}`
      throw new SessionError('ERR_SESSION_FORMAT', message)
    }
    if (isIntact(found)) {
      const timeout = expiredBy(found, engine.policy, engine.now())
      if (!timeout) return found
      const eventual = engine.store.consistency === 'eventual'
      if (eventual && !options?.authoritative) return readRecord(engine, id, AUTHORITATIVE)
      engine.emit('expired', found, { timeout })
      if (!eventual) await ask(engine, 'delete', found, id)
      return null
    }
  }
  engine.emit('rejected', unread, { reason: 'unreadable' })
  return null
}
