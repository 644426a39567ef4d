import { ask, type Engine } from './engine.ts'
import { SessionError } from './errors.ts'
import type { DeepReadonly } from './json.ts'
import { type Deadlines, deadlines, expiredBy } from './lifetime.ts'
import { isRecordOf, type SessionRecord } from './record.ts'
import { AUTHORITATIVE, type SubjectPage } from './store.ts'
import { isSessionId } from './token.ts'

/** What a list shows of a session. Nothing in it opens one. */
export interface SessionInfo<Data extends object = object> extends Omit<SessionRecord, 'data'> {
  readonly deadlines: Deadlines
  readonly data: DeepReadonly<Partial<Data>>
}

/** A subject's live sessions. */
export async function listSessions(engine: Engine, subject: string): Promise<SessionInfo[]> {
  const found: SessionInfo[] = []
  if (!engine.store.list) throw new SessionError('ERR_SESSION_INDEX', 'No index')
  let after: string | null = null
  do {
    const page: SubjectPage = await ask(engine, 'list', null, subject, { after })
    if (!page?.records) throw new SessionError('ERR_SESSION_STORE', 'The store failed')
    for (const record of page.records) {
      if (record.subject !== subject || expiredBy(record, engine.policy, engine.now())) continue
      found.push({ ...record, deadlines: deadlines(record, engine.policy) })
    }
    after = page.after
  } while (after)
  return found
}

/** Ends a session by its id. `false`: there is none, or it is not this subject's. */
export async function revokeById(
  engine: Engine,
  id: string,
  options?: { readonly subject?: string },
): Promise<boolean> {
  if (!isSessionId(id)) return false
  const unread = { id, subject: null }
  const found: unknown = await ask(engine, 'read', unread, id, AUTHORITATIVE)
  const record = isRecordOf(id, found) ? found : unread
  if (options && options.subject !== record.subject) return false
  return endSession(engine, record)
}

/** Ends all sessions of a subject but one, those included that begin while it works; how many there were. */
export async function revokeBySubject(
  engine: Engine,
  subject: string,
  except: string | null,
): Promise<number> {
  let revoked = 0
  // An index may go on listing for a while what has ended.
  const seen = new Set([except])
  for (let before = 0; before < seen.size; ) {
    before = seen.size
    for (const record of await listSessions(engine, subject)) {
      if (seen.has(record.id)) continue
      seen.add(record.id)
      if (await endSession(engine, record)) revoked++
    }
  }
  return revoked
}

/** Ends a session on the server. */
export async function endSession(
  engine: Engine,
  record: Pick<SessionRecord, 'id' | 'subject'>,
): Promise<boolean> {
  const ended = await ask(engine, 'delete', record, record.id)
  if (ended) engine.emit('revoked', record, {})
  return ended
}
