import { inherits } from 'node:util'
import type { Done, StoredSession } from './connect.ts'
import { Store } from './store.ts'

/** The connect-style store of one process, for tests: it grows without end. */
export interface MemoryStore extends Store {
  sessions: Record<string, string>
  all(done: Done<Record<string, StoredSession>>): void
  clear(done?: Done): void
  length(done: Done<number>): void
}

function MemoryStoreBase(this: MemoryStore): void {
  Store.call(this)
  this.sessions = Object.create(null)
}
inherits(MemoryStoreBase, Store)

const methods: ThisType<MemoryStore> &
  Pick<MemoryStore, 'all' | 'clear' | 'length' | 'get' | 'set' | 'destroy' | 'touch'> = {
  all(done) {
    const found: Record<string, StoredSession> = Object.create(null)
    for (const sid of Object.keys(this.sessions)) {
      const stored = live(this, sid)
      if (stored) found[sid] = stored
    }
    setImmediate(done, null, found)
  },
  clear(done) {
    this.sessions = Object.create(null)
    if (done) setImmediate(done)
  },
  length(done) {
    this.all((error, all) => done(error, Object.keys(all ?? {}).length))
  },
  get(sid, done) {
    setImmediate(done, null, live(this, sid))
  },
  set(sid, session, done) {
    this.sessions[sid] = JSON.stringify(session)
    if (done) setImmediate(done)
  },
  destroy(sid, done) {
    delete this.sessions[sid]
    if (done) setImmediate(done)
  },
  touch(sid, { cookie }, done) {
    const stored = live(this, sid)
    if (stored) this.sessions[sid] = JSON.stringify({ ...stored, cookie })
    if (done) setImmediate(done)
  },
}
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(MemoryStoreBase.prototype, name, {
    value,
    writable: true,
    configurable: true,
  })
}

function live(store: MemoryStore, sid: string): StoredSession | undefined {
  const text = store.sessions[sid]
  if (text === undefined) return undefined
  const stored: StoredSession = JSON.parse(text)
  const expires = stored.cookie?.expires
  if (!expires || new Date(expires).valueOf() > Date.now()) return stored
  delete store.sessions[sid]
  return undefined
}

export const MemoryStore: {
  new (): MemoryStore
  call(target: object): void
  prototype: MemoryStore
} = MemoryStoreBase as never
