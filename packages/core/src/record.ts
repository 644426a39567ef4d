import type { JsonObject } from './json.ts'

/** The format of the records that this version writes. */
export const RECORD_FORMAT = 1

/** One way in which the subject proved who they are, and when (epoch milliseconds). */
export interface Authentication {
  /** A word of the application's: `password`, `passkey`, `totp`. RFC 8176 lists registered ones. */
  readonly method: string
  readonly at: number
}

/** What a store keeps for one session: facts, not deadlines. Instants are epoch milliseconds. */
export interface SessionRecord {
  /** The public name: safe to log and list; the same for the session's whole life. */
  readonly id: string
  /** The format that this record is written in: 1. */
  readonly format: number
  /** How often the record was written. */
  readonly version: number
  /** How often the token was replaced. */
  readonly generation: number
  /** Until when the previous generation is accepted too; `null`: it is dead. */
  readonly graceUntil: number | null
  readonly createdAt: number
  /** Creation, sign-in or re-authentication: the absolute timeout counts from here. */
  readonly startedAt: number
  /** When the token was last replaced: the renewal timeout counts from here. */
  readonly generatedAt: number
  /** The idle timeout counts from here. */
  readonly lastSeenAt: number
  /** Whom the session speaks for; `null` while anonymous. */
  readonly subject: string | null
  readonly authentications: readonly Authentication[]
  /** Whether the session survives the browser ("remember me"), under timeouts of its own. */
  readonly persistent: boolean
  /** Reserved for what the owner is shown about the device: always `null` so far. */
  readonly device: JsonObject | null
  /** The application's data. */
  readonly data: JsonObject
}

/** A record of an anonymous session that begins now, not yet written. */
export function newRecord(id: string, now: number): SessionRecord {
  return {
    id,
    format: RECORD_FORMAT,
    version: 0,
    generation: 0,
    graceUntil: null,
    createdAt: now,
    startedAt: now,
    generatedAt: now,
    lastSeenAt: now,
    subject: null,
    authentications: [],
    persistent: false,
    device: null,
    data: {},
  }
}

/** Whether what a store gave back is a record of this id, of whatever format. */
export function isRecordOf(id: string, value: unknown): value is SessionRecord {
  return (value as Partial<SessionRecord> | null | undefined)?.id === id
}

/** Whether a record of this version's format has the facts that every decision rests on. */
export function isIntact(record: SessionRecord): boolean {
  const { format, version, generation, startedAt, generatedAt, lastSeenAt, subject, data } = record
  const facts = [format, version, generation, startedAt, generatedAt, lastSeenAt]
  return facts.every(Number.isFinite) && subject !== undefined && !!data
}
