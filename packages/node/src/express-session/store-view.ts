import type { AnyStore, JsonObject, SessionRecord } from '@sojourn/core'
import type { StoredSession } from './connect.ts'
import { OWN } from './snapshot.ts'
import { Store } from './store.ts'

/** A store of ours as `req.sessionStore`, for what an application does with that by hand. */
export function storeView(store: AnyStore): Store {
  const view = new Store()
  const answer = (
    work: () => Promise<unknown>,
    done?: (error?: unknown, found?: never) => void,
  ) => {
    work().then(
      (found) => done && process.nextTick(done, null, found),
      (error) => done && process.nextTick(done, error),
    )
  }
  const methods: Pick<Store, 'get' | 'set' | 'destroy' | 'touch'> = {
    get(sid, done) {
      answer(async () => {
        const record = await store.read(sid)
        return record && asStored(record)
      }, done as never)
    },
    set(sid, session, done) {
      const data: JsonObject = JSON.parse(JSON.stringify(session))
      answer(() => replace(store, sid, data), done)
    },
    destroy(sid, done) {
      answer(async () => void (await store.delete(sid)), done)
    },
    touch(sid, session, done) {
      answer(
        async () => void (await store.touch(sid, Date.now(), untilOf(session as StoredSession))),
        done,
      )
    },
  }
  return Object.assign(view, methods)
}

/** A record as a connect-style store would have it. */
export function asStored({ data: { [OWN]: _, ...data } }: SessionRecord): StoredSession {
  return { cookie: {}, ...data }
}

async function replace(store: AnyStore, sid: string, data: JsonObject): Promise<void> {
  for (let attempt = 0; attempt < 64; attempt++) {
    const record = await store.read(sid, { authoritative: true })
    if (!record) throw new Error('failed to load session')
    const mark = record.data[OWN]
    const next = {
      ...record,
      version: record.version + 1,
      data: { ...data, ...(mark !== undefined && { [OWN]: mark }) },
    }
    const answer = await store.update(next, untilOf(data as unknown as StoredSession))
    if (answer === 'updated') return
    if (answer === 'missing') throw new Error('failed to load session')
  }
  throw new Error('The session has other writers')
}

function untilOf({ cookie }: Partial<StoredSession>): number {
  const { originalMaxAge } = cookie ?? {}
  return Date.now() + (originalMaxAge ?? 86_400_000) * 1.1
}
