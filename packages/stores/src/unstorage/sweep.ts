import type { Entries } from './entries.ts'
import { type Keys, type KnownKey, known } from './keys.ts'
import type { Guard, Kept, Touch } from './sessions.ts'
import { inTurn } from './turns.ts'

/** What a session leaves is looked at side by side, this many at once. */
const BATCH = 16

/** Removes at most `limit` records that have expired, and what else has had its time; how many records. */
export async function sweep(
  entries: Entries,
  keys: Keys,
  before: number,
  limit: number,
): Promise<number> {
  const all = await entries.list(keys.base)
  let room = limit
  for (let at = 0; at < all.length && room > 0; at += BATCH) {
    await Promise.all(
      all.slice(at, at + BATCH).map(async (key) => {
        const one = known(keys.base, key)
        if (one && (await isOver(entries, keys, one, key, before)) && room > 0) await take(one, key)
      }),
    )
  }
  return limit - room

  async function take(one: KnownKey, key: string): Promise<void> {
    if (one.kind === 'record') room--
    const removed = await inTurn(one.id, 'alone', async () => {
      // Somebody else may have come first.
      if (!(await isOver(entries, keys, one, key, before))) return false
      const { record, touch, replaced } = keys.of(one.id)
      // The record goes before the guard that speaks against it.
      if (one.kind === 'ended')
        for (const left of [record, touch, replaced]) await entries.remove(left)
      await entries.remove(key)
      if (one.kind === 'record') for (const left of [touch, replaced]) await entries.remove(left)
      return true
    })
    if (!removed && one.kind === 'record') room++
  }
}

// What cannot be read stays, for somebody to look at.
async function isOver(
  entries: Entries,
  keys: Keys,
  { kind, id }: KnownKey,
  key: string,
  before: number,
): Promise<boolean> {
  const { record, touch } = keys.of(id)
  if (kind === 'record') {
    const kept = await entries.get<Kept>(key).catch(() => null)
    if (!kept?.record || !(kept.expiresAt <= before)) return false
    const touched = await entries.get<Touch>(touch).catch(() => null)
    return touched?.version !== kept.record.version || touched.expiresAt <= before
  }
  if (kind === 'touch') {
    const touched = await entries.get<Touch>(key).catch(() => null)
    return !!touched && touched.expiresAt <= before && !(await entries.has(record))
  }
  const guard = await entries.get<Guard>(key).catch(() => null)
  return !!guard && guard.until <= before
}
