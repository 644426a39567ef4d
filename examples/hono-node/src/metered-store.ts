import type { AnyStore, Awaitable, MemoryStore, StoreOperation } from '@sojourn/core'
import { counted } from './words.ts'

/** One call of the store. */
export interface Operation {
  readonly verb: StoreOperation
  readonly outcome: string
  readonly microseconds: number
}

/** A store that tells what it was asked, what it answered and how long that took. */
export function meteredStore(store: MemoryStore, tell: (operation: Operation) => void): AnyStore {
  function metered<Args extends unknown[], Answer>(
    verb: StoreOperation,
    call: (...args: Args) => Awaitable<Answer>,
    describe: (answer: Answer, ...args: Args) => string,
  ): (...args: Args) => Promise<Answer> {
    return async (...args) => {
      const start = performance.now()
      let outcome = 'failed'
      try {
        const answer = await call(...args)
        outcome = describe(answer, ...args)
        return answer
      } finally {
        const microseconds = Math.ceil((performance.now() - start) * 1000)
        tell({ verb, outcome, microseconds })
      }
    }
  }

  return {
    consistency: store.consistency,
    secret: store.secret,
    read: metered('read', store.read, (record) =>
      record ? `version ${record.version}` : 'no such record',
    ),
    create: metered('create', store.create, (done, { version }) =>
      done ? `version ${version}` : 'id taken',
    ),
    update: metered('update', store.update, (answer, { version }) =>
      answer === 'updated' ? `version ${version - 1} → ${version}` : answer,
    ),
    touch: metered('touch', store.touch, (done) => (done ? 'done' : 'no such record')),
    delete: metered('delete', store.delete, (done) => (done ? 'gone' : 'no such record')),
    list: metered('list', store.list, ({ records }) => counted(records.length, 'record')),
  }
}
