import { ask, type Engine, readRecord } from './engine.ts'
import { SessionError } from './errors.ts'
import { cookieAge, expiredBy, keepUntil, renewalDue, standing, touchDue } from './lifetime.ts'
import { applyPatch, isEmpty, type Patch } from './patch.ts'
import { randomText } from './random.ts'
import { newRecord, type SessionRecord } from './record.ts'
import type { State } from './state.ts'
import { AUTHORITATIVE } from './store.ts'
import { issueToken, sessionId } from './token.ts'

/** What the response tells the client. */
export interface Handout {
  /** A token to keep, `null` to take away the one it has; without it nothing. */
  readonly token?: string | null
  /** Seconds to keep the token; `null`: until the browser closes. */
  readonly maxAge?: number | null
  /** A touch that may end after the response has left. No failing store rejects it. */
  readonly deferred?: Promise<unknown>
}

// Each round some writer wins, so this is also how many may write one session at the same moment.
const MAX_ATTEMPTS = 64

/**
 * Writes what the request did to its session, in one conditional write, and says what the client is to be told.
 * `renewable`: whether the response can carry a renewed token.
 *
 * @throws {SessionError} when the store fails or other writers win every attempt; the client is told nothing then.
 */
export async function writeSession(
  engine: Engine,
  state: State,
  renewable: boolean,
): Promise<Handout> {
  const { record, patch, settling } = state
  if (!record) {
    if (isEmpty(patch)) return nothing(state)
    return settling ? replaced(engine, state, settling) : create(engine, state)
  }
  const now = engine.now()
  const touches = touchDue(record, engine.policy, now)
  const renews = renewable && renewalDue(record, engine.policy, now)
  // A cookie with an expiry moves with the deadline. No cookie is set but by a conditional write, this request's or one it has just met.
  if (touches && record.persistent) state.reissue = true
  if (!isEmpty(patch)) return update(engine, state, record, renewable)
  if (state.reissue || renews) return update(engine, state, record, renewable).catch(reported)
  return touches ? { deferred: touch(engine, state, record).catch(reported) } : {}
}

// What a store fails at has been told as an event, and a deadline or a token that moves late is no reason to fail a request.
function reported(error: unknown): Handout {
  if (error instanceof SessionError) return {}
  throw error
}

function nothing({ revoked }: State): Handout {
  return revoked ? { token: null } : {}
}

async function handOut(engine: Engine, state: State, record: SessionRecord): Promise<Handout> {
  state.record = record
  return {
    token: await issueToken(engine.keyring, state.random, record.generation),
    maxAge: cookieAge(record, engine.policy, engine.now()),
  }
}

async function touch(engine: Engine, state: State, record: SessionRecord): Promise<void> {
  const now = engine.now()
  const seen = { ...record, lastSeenAt: now }
  const until = keepUntil(seen, engine.policy)
  if (await ask(engine, 'touch', seen, seen.id, now, until)) {
    state.record = seen
    engine.emit('touched', seen, {})
  }
}

async function create(engine: Engine, state: State): Promise<Handout> {
  const { patch } = state
  for (let attempt = 0; attempt < 3; attempt++) {
    const random = randomText()
    const blank = newRecord(await sessionId(engine.keyring, random), engine.now())
    const record = draft(engine, blank, patch, false)
    if (record.subject === null && !Object.keys(record.data).length) return nothing(state)
    const until = keepUntil(record, engine.policy)
    if (await ask(engine, 'create', record, record, until)) {
      engine.emit('created', record, {})
      announce(engine, record, patch, false)
      state.random = random
      return handOut(engine, state, record)
    }
  }
  throw new SessionError('ERR_SESSION_STORE', 'The store failed')
}

async function update(
  engine: Engine,
  state: State,
  first: SessionRecord,
  renewable: boolean,
): Promise<Handout> {
  const { policy } = engine
  const { patch, generation } = state
  let base: SessionRecord | 'unknown' | null = first
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const now = engine.now()
    if (!base || base === 'unknown' || expiredBy(base, policy, now))
      return ended(engine, state, first)
    const worth = standing(base, generation, policy, now)
    if (worth !== 'current' && worth !== 'grace') return replaced(engine, state, base)

    const renews: boolean =
      renewable && worth === 'current' && !patch.replacesToken && renewalDue(base, policy, now)
    // Another request has just done what this one was about to.
    if (isEmpty(patch) && !renews && base.version > first.version) {
      return handOut(engine, state, base)
    }
    const next: SessionRecord = draft(engine, base, patch, renews)
    const until = keepUntil(next, policy)
    const answer = await ask(engine, 'update', next, next, until)
    if (answer === 'missing') return ended(engine, state, first)
    if (answer === 'updated') {
      announce(engine, next, patch, renews)

      if (state.reissue || next.generation !== generation || next.persistent !== first.persistent) {
        return handOut(engine, state, next)
      }
      state.record = next
      return {}
    }
    if (answer !== 'stale') throw new SessionError('ERR_SESSION_STORE', 'The store failed')
    engine.emit('conflict', base, { attempt })
    base = await readRecord(engine, first.id, AUTHORITATIVE)
  }
  throw new SessionError('ERR_SESSION_CONFLICT', `Session ${first.id} has other writers`)
}

// The session was revoked or has expired meanwhile, and is never created again. Who signs in gets a session of their own, with nothing
// of the one that ended.
function ended(engine: Engine, state: State, record: SessionRecord): Promise<Handout> | Handout {
  state.record = null
  return state.patch.signIn ? create(engine, state) : lose(engine, state, record, 'ended')
}

// The token was replaced meanwhile, so the request is anonymous, and a cookie of its own would overwrite the good one that the other
// response carries. Two sign-ins of one subject at the same moment count as one: this one is handed the other's token.
function replaced(engine: Engine, state: State, newest: SessionRecord): Promise<Handout> | Handout {
  const { patch, generation } = state
  const { signIn } = patch
  state.record = null
  if (!signIn) return lose(engine, state, newest, 'replaced')
  const late = engine.now() >= newest.startedAt + engine.policy.grace
  if (late || newest.generation - generation !== 1 || newest.subject !== signIn.subject) {
    return create(engine, state)
  }
  state.reissue = true
  state.generation = newest.generation
  state.patch = { ...patch, replacesToken: false }
  return update(engine, state, newest, false)
}

function lose(
  engine: Engine,
  state: State,
  record: SessionRecord,
  reason: 'ended' | 'replaced',
): Handout {
  if (!isEmpty(state.patch)) engine.emit('lost-write', record, { reason })
  return nothing(state)
}

function draft(engine: Engine, base: SessionRecord, patch: Patch, renews: boolean): SessionRecord {
  const now = engine.now()
  const patched = applyPatch(base, patch)
  // Nobody has seen the token of a record that was never written.
  const replaces = base.version && (renews || patch.replacesToken)
  const seen = replaces || touchDue(patched, engine.policy, now)
  return {
    ...patched,
    version: base.version + 1,
    lastSeenAt: seen ? Math.max(now, base.lastSeenAt) : base.lastSeenAt,
    ...(replaces && {
      generation: base.generation + 1,
      generatedAt: now,
      graceUntil: renews ? now + engine.policy.grace : null,
    }),
  }
}

function announce(engine: Engine, record: SessionRecord, patch: Patch, renewed: boolean): void {
  const { generation } = record
  const { signIn, replacesToken } = patch
  if (signIn) engine.emit('signed-in', record, { method: signIn.method, generation })
  else if (replacesToken) engine.emit('regenerated', record, { generation })
  else if (renewed) engine.emit('renewed', record, { generation })
  else if (isEmpty(patch)) engine.emit('touched', record, {})
}
