/**
 * What a store is asked, what it answers, and how long that takes.
 *
 * @module
 */
import type { AnyStore, SessionRecord, StoreOperation, SubjectPage } from '@sojourn/core'
import { wrapped } from './wrapped.ts'

/** One call of a store. */
export interface MeteredOperation {
  readonly operation: StoreOperation | 'sweep'
  /** The session's public id; `null` for `list` and `sweep`. The subject is not told: it may be a name. */
  readonly id: string | null
  /** What came of it. `missing`: there was no such session. `failed`: the store did, with `error`. */
  readonly outcome: MeteredOutcome
  /** The version that was read, created or written; `null` where there is none. */
  readonly version: number | null
  /** How many records were listed or swept; `null` for all else. */
  readonly count: number | null
  /** Milliseconds from the call to the answer. */
  readonly duration: number
  /** What a store that failed threw or rejected with. */
  readonly error?: unknown
}

export type MeteredOutcome =
  | 'found'
  | 'created'
  | 'taken'
  | 'updated'
  | 'stale'
  | 'touched'
  | 'deleted'
  | 'listed'
  | 'swept'
  | 'missing'
  | 'failed'

export interface MeteredOptions {
  /** A time in milliseconds to tell durations by. Default `performance.now`. */
  readonly clock?: () => number
}

type Told = Pick<MeteredOperation, 'outcome'> & Partial<MeteredOperation>
type Verb = (...args: never[]) => unknown

const found = (yes: unknown, outcome: MeteredOutcome): Told => ({
  outcome: yes ? outcome : 'missing',
})

// By verb: what its answer says.
const tellers: Record<MeteredOperation['operation'], (answer: never, asked: never) => Told> = {
  read: (record: SessionRecord | null) => ({
    ...found(record, 'found'),
    version: record?.version ?? null,
  }),
  create: (done: boolean, { version }: SessionRecord) =>
    done ? { outcome: 'created', version } : { outcome: 'taken' },
  update: (answer: 'updated' | 'stale' | 'missing', { version }: SessionRecord) => ({
    outcome: answer,
    version: answer === 'updated' ? version : null,
  }),
  touch: (done: boolean) => found(done, 'touched'),
  delete: (done: boolean) => found(done, 'deleted'),
  list: ({ records }: SubjectPage) => ({ outcome: 'listed', count: records.length }),
  sweep: (count: number) => ({ outcome: 'swept', count }),
}

/**
 * The same store, powers and all, which tells each of its operations once it has its answer. The operation has happened by then, so what
 * `onOperation` throws or rejects with is dropped: it can neither fail a request nor make a write that was acknowledged look like one that was not.
 *
 * @throws {TypeError} if `onOperation` is no function.
 *
 * @example
 * const store = metered(memoryStore(), ({ operation, outcome, duration }) => {
 *   histogram.record(duration, { operation, outcome })
 * })
 */
export function metered<S extends AnyStore>(
  store: S,
  onOperation: (operation: MeteredOperation) => void,
  { clock = () => performance.now() }: MeteredOptions = {},
): S {
  if (typeof onOperation !== 'function') {
    throw new TypeError(`"onOperation" must be a function, got ${typeof onOperation}`)
  }

  function tell(operation: () => MeteredOperation): void {
    try {
      // Of an asynchronous one likewise: nobody else is there to hear of it.
      const listening = onOperation(operation()) as unknown
      if (isThenable(listening)) listening.then(null, () => {})
    } catch {
      // Dropped, as promised above.
    }
  }

  function measured(operation: MeteredOperation['operation'], verb: Verb): Verb {
    return (...args) => {
      const start = clock()
      const id = idOf(operation, args[0])
      const end = (told: () => Told): void =>
        tell(() => {
          const duration = clock() - start
          return { operation, id, version: null, count: null, ...told(), duration }
        })
      const succeed = (answer: unknown): unknown => {
        end(() => tellers[operation](answer as never, args[0] as never))
        return answer
      }
      const fail = (error: unknown): never => {
        end(() => ({ outcome: 'failed', error }))
        throw error
      }
      let answer: unknown
      try {
        answer = verb(...args)
      } catch (error) {
        return fail(error)
      }
      // What a store answers at once stays so, and of what answers twice the first counts.
      return isThenable(answer) ? Promise.resolve(answer).then(succeed, fail) : succeed(answer)
    }
  }

  const verbs = store as unknown as Readonly<Record<string, Verb>>
  const operations = Object.keys(tellers) as MeteredOperation['operation'][]
  return wrapped(
    store,
    Object.fromEntries(
      operations.map((operation) => [
        operation,
        measured(operation, (...args) => verbs[operation]?.(...args)),
      ]),
    ),
  ) as S
}

function idOf(operation: MeteredOperation['operation'], asked: unknown): string | null {
  if (operation === 'list' || operation === 'sweep') return null
  return typeof asked === 'string' ? asked : ((asked as SessionRecord | null)?.id ?? null)
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as Partial<PromiseLike<unknown>> | null)?.then === 'function'
}
