import type { SessionRecord } from '@sojourn/core'

/**
 * A record as its key holds it: a line of what the scripts compare and move, each of a fixed width, so that texts compare as numbers do; then the
 * subject on a line of its own; then the record. `promised`: until when the subject's index has the session.
 */
const HEADER = /^(?:[\d.]{20} ){4}[\da-z]{14}$/

/** Where the scripts find what they need, counted from 1 as Lua does. */
export const AT: Record<'version' | 'lastSeenAt' | 'expiresAt' | 'promised', number> = {
  version: 1,
  lastSeenAt: 22,
  expiresAt: 43,
  promised: 64,
}
export const WIDTH = 20
export const NONCE_AT = 85
export const HEADER_LENGTH = 98

/** The latest instant there is, in the year 275760. */
export const LAST = 8.64e15

/**
 * A number as wide as any other, between 0 and the latest instant.
 *
 * @throws {RangeError} for what is no number.
 */
export function fixed(value: number): string {
  if (Number.isNaN(value)) throw new RangeError('An instant must be a number, got NaN')
  const instant = Math.min(Math.max(value, 0), LAST)
  const text = Number.isInteger(instant) ? `${instant}.000` : instant.toFixed(3)
  return text.padStart(WIDTH, '0')
}

// Drawn with the first write, for Workers forbid it before. It need not be secret, and one draw a write costs a fifteenth of it.
let writer = ''
let writes = 0

/** What tells one write from all others: who wrote, and which of their writes it is. */
export function nonce(): string {
  writer ||= wide(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
  writes = (writes + 1) % 2 ** 32
  return writer + wide(writes)
}

function wide(value: number): string {
  return value.toString(36).padStart(7, '0')
}

/** A record as its key is to hold it. */
export function entryOf(
  record: SessionRecord,
  expiresAt: number,
  promised: number,
  unique: string,
): string {
  const numbers = [record.version, record.lastSeenAt, expiresAt, promised]
  const header = `${numbers.map(fixed).join(' ')} ${unique}`
  return `${header}\n${JSON.stringify(record.subject)}\n${JSON.stringify(record)}`
}

/** A record as it was read, and when it expires. */
export interface Entry {
  readonly record: SessionRecord
  readonly expiresAt: number
}

/**
 * The record that a key holds.
 *
 * @throws {Error} for what no store of ours has written.
 */
export function parseEntry(text: string): Entry {
  const [header = '', , body = ''] = text.split('\n', 3)
  if (!HEADER.test(header)) throw new Error('The key of a session holds something else')
  const at = (start: number): number => Number(header.slice(start - 1, start - 1 + WIDTH))
  const record = JSON.parse(body)
  record.lastSeenAt = at(AT.lastSeenAt)
  return { record, expiresAt: at(AT.expiresAt) }
}
