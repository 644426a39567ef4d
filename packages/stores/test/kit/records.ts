import { randomBytes } from 'node:crypto'
import type { SessionRecord } from '@sojourn/core'

/** A new session's record, as the first write has it. */
export function sample(now: number, facts: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: randomBytes(24).toString('base64url'),
    format: 1,
    version: 1,
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
    ...facts,
  }
}
