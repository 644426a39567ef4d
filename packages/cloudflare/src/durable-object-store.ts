import type { SessionRecord, Store, SubjectIndex, SubjectPage } from '@sojourn/core'
import type { Binding, ObjectNamespace } from './bindings.ts'
import { ENTRY_MARGIN, type IndexLease } from './index-lease.ts'
import { objectRequests } from './object-requests.ts'
import type { SessionObject, SessionWrite, Unindexed } from './session-object.ts'
import type { SubjectObject } from './subject-object.ts'

type Stub<T, Method extends keyof T> = Pick<T, Method>
type SessionStub = Stub<SessionObject, 'read' | 'create' | 'update' | 'touch' | 'delete'>
type SubjectStub = Stub<SubjectObject, 'add' | 'list' | 'drop'>

export interface DurableObjectStoreOptions {
  /** The namespace bound to the class `SessionObject`. */
  readonly sessions: ObjectNamespace<SessionStub>
  /** The namespace bound to the class `SubjectObject`. */
  readonly subjects: ObjectNamespace<SubjectStub>
  /** Where new objects are to be placed, such as `weur`. Default: near the request that creates them. */
  readonly locationHint?: string | undefined
  /** Where objects may run and keep data at all, such as `eu`. Another jurisdiction holds other sessions. */
  readonly jurisdiction?: string | undefined
  /** The time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

export interface DurableObjectStore extends Store, SubjectIndex {}

// Each further attempt means that a lease came too late or a session changed subject meanwhile.
const MAX_ATTEMPTS = 8

/**
 * Sessions in Durable Objects: one per session and one per subject, strongly consistent, gone when they have expired.
 *
 * @throws {TypeError} naming the binding that is missing, and the file to add it to.
 */
export function durableObjectStore(options: DurableObjectStoreOptions): DurableObjectStore {
  const { clock = Date.now } = options
  const sessions = objectRequests(
    options.sessions,
    bindingOf('sessions', 'SESSIONS', 'SessionObject'),
    options,
  )
  const subjects = objectRequests(
    options.subjects,
    bindingOf('subjects', 'SUBJECTS', 'SubjectObject'),
    options,
  )

  async function grant(
    id: string,
    { unindexed: subject, lasting }: Unindexed,
  ): Promise<IndexLease> {
    const lease = await subjects.askAgain(subject, (index) => index.add(id, lasting + ENTRY_MARGIN))
    return { subject, until: lease.until, grantedAt: lease.grantedAt }
  }

  /** Writes, once the index has the entry that the write needs. */
  async function indexed<T>(
    id: string,
    first: Unindexed | null,
    write: (lease: IndexLease | null) => Promise<T | Unindexed>,
  ): Promise<T> {
    let lacking = first
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const answer = await write(lacking && (await grant(id, lacking)))
      if (!isUnindexed(answer)) return answer
      lacking = answer
    }
    throw new Error(`The index entry of session ${id} was never in time`)
  }

  async function read(id: string): Promise<SessionRecord | null> {
    if (!isId(id)) return null
    const found = await sessions.askAgain(id, (session) => session.read(clock()))
    return found && { ...JSON.parse(found.text), lastSeenAt: found.lastSeenAt }
  }

  // A list is right without it: entries are verified, and expire by themselves.
  async function tidy(subject: string, entries: { id: string; grantedAt: number }[]) {
    if (entries.length) await subjects.ask(subject, (index) => index.drop(entries)).catch(() => {})
  }

  return {
    consistency: 'strong',
    read,
    async create(record, expiresAt) {
      const { id, subject } = record
      if (!isId(id)) return false
      const write = writeOf(record, expiresAt)
      const first = subject === null ? null : { unindexed: subject, lasting: expiresAt - clock() }
      return indexed(id, first, (lease) =>
        sessions.ask(id, (session) => session.create(write, clock(), lease)),
      )
    },
    async update(record, expiresAt) {
      const { id } = record
      if (!isId(id)) return 'missing'
      const write = writeOf(record, expiresAt)
      return indexed(id, null, (lease) =>
        sessions.ask(id, (session) => session.update(write, clock(), lease)),
      )
    },
    async touch(id, lastSeenAt, expiresAt) {
      if (!isId(id)) return false
      return indexed(id, null, (lease) =>
        sessions.askAgain(id, (session) => session.touch(lastSeenAt, expiresAt, clock(), lease)),
      )
    },
    async delete(id) {
      if (!isId(id)) return false
      const deleted = await sessions.ask(id, (session) => session.delete(clock()))
      const lease = deleted?.lease
      if (lease) await tidy(lease.subject, [{ id, grantedAt: lease.grantedAt }])
      return deleted !== null
    },
    async list(subject, { after = null, limit = 100 } = {}): Promise<SubjectPage> {
      const page = await subjects.askAgain(subject, (index) => index.list(after, limit))
      const found = await Promise.all(page.entries.map(({ id }) => read(id)))
      const unused = page.entries.filter(
        ({ settled }, index) => settled && found[index]?.subject !== subject,
      )
      await tidy(
        subject,
        unused.map(({ id, grantedAt }) => ({ id, grantedAt })),
      )
      return {
        records: found.flatMap((record) => (record?.subject === subject ? [record] : [])),
        after: page.after,
      }
    },
  }
}

function bindingOf(option: string, name: string, className: string): Binding {
  return {
    option,
    name,
    kind: `the Durable Object namespace of ${className}`,
    entry: `{ "name": "${name}", "class_name": "${className}" } to durable_objects.bindings`,
  }
}

function writeOf(record: SessionRecord, expiresAt: number): SessionWrite {
  const { version, subject, lastSeenAt } = record
  return { text: JSON.stringify(record), version, subject, lastSeenAt, expiresAt }
}

function isUnindexed(answer: unknown): answer is Unindexed {
  return typeof (answer as Partial<Unindexed> | null)?.unindexed === 'string'
}

// 24 bytes as base64url; anything else would call an object into being for nothing.
function isId(id: string): boolean {
  return /^[\w-]{32}$/.test(id)
}
