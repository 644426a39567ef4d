import type { SessionRecord } from './record.ts'

/** A day less than forever: browsers cut longer cookies to 400 days (RFC 6265bis section 5.5), in seconds. */
export const MAX_COOKIE_AGE: number = 400 * 86_400

/** OWASP's timeouts in milliseconds. */
export interface Timeouts {
  readonly idle: number
  readonly absolute: number
}

/** How long sessions live. Durations in milliseconds. */
export interface Policy {
  readonly browser: Timeouts
  readonly persistent: Timeouts
  /** `Infinity`: tokens are not renewed. */
  readonly renewal: number
  readonly grace: number
}

/** When a session ends, and when its token is due for renewal: epoch milliseconds. */
export interface Deadlines {
  readonly idle: number
  readonly absolute: number
  readonly renewal: number
}

/** The deadlines that follow from a record's facts, so that a changed timeout holds for sessions already out there. */
export function deadlines(record: SessionRecord, policy: Policy): Deadlines {
  const { idle, absolute } = timeouts(record, policy)
  return {
    idle: record.lastSeenAt + idle,
    absolute: record.startedAt + absolute,
    renewal: record.generatedAt + policy.renewal,
  }
}

/** The earlier of the two deadlines. */
export function endsAt(record: SessionRecord, policy: Policy): number {
  const { idle, absolute } = deadlines(record, policy)
  return Math.min(idle, absolute)
}

/** Which timeout has ended the session by now, or `null`. */
export function expiredBy(
  record: SessionRecord,
  policy: Policy,
  now: number,
): 'idle' | 'absolute' | null {
  const { idle, absolute } = deadlines(record, policy)
  if (now >= absolute) return 'absolute'
  return now >= idle ? 'idle' : null
}

/**
 * Until when a store keeps the record: a tenth of the idle timeout past its end, so that the exact judgement, and its name, are ours
 * and not the store's clock's.
 */
export function keepUntil(record: SessionRecord, policy: Policy): number {
  return endsAt(record, policy) + timeouts(record, policy).idle / 10
}

/** Whether a touch is worth a write: once per tenth of the idle timeout. */
export function touchDue(record: SessionRecord, policy: Policy, now: number): boolean {
  return now - record.lastSeenAt >= timeouts(record, policy).idle / 10
}

/** Whether the token has served its time. */
export function renewalDue(record: SessionRecord, policy: Policy, now: number): boolean {
  return now >= record.generatedAt + policy.renewal
}

/**
 * What a token of this generation is worth: `current`; `grace`, the one before a renewal, still accepted; `settling`, one that
 * was replaced so lately that a request may have been under way with it; `outdated`; or `unknown`, one never issued for
 * this record.
 */
export function standing(
  record: SessionRecord,
  generation: number,
  policy: Policy,
  now: number,
): 'current' | 'grace' | 'settling' | 'outdated' | 'unknown' {
  const age = record.generation - generation
  if (!age) return 'current'
  if (age < 0) return 'unknown'
  // A clock that goes back to before the replacement revives nothing.
  const { generatedAt, graceUntil } = record
  if (age === 1 && graceUntil !== null && now >= generatedAt && now < graceUntil) return 'grace'
  return now < generatedAt + policy.grace ? 'settling' : 'outdated'
}

/** The cookie's `Max-Age` in whole seconds: until the earlier deadline, at most 400 days; `null` for a browser session. */
export function cookieAge(record: SessionRecord, policy: Policy, now: number): number | null {
  if (!record.persistent) return null
  return Math.min(Math.floor((endsAt(record, policy) - now) / 1000), MAX_COOKIE_AGE)
}

function timeouts(record: SessionRecord, policy: Policy): Timeouts {
  return record.persistent ? policy.persistent : policy.browser
}
