import { FACTS } from './connect-store.ts'
import type { Opened } from './keeper.ts'
import type { Session } from './session.ts'

/** What a session held at one moment, each key as JSON text. */
export type Snapshot = ReadonlyMap<string, string>

/** The key of what is not the application's. */
export const OWN = '__upgrade'

const NOT_DATA = new Set(['cookie', OWN, FACTS])

/** The data of a session as it is now, its cookie apart. */
export function snapshot(session: Session): Snapshot {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(session)) {
    const text = NOT_DATA.has(key) ? undefined : JSON.stringify(value)
    if (text !== undefined) found.set(key, text)
  }
  return found
}

/** The keys that differ. */
export function changes(before: Snapshot, now: Snapshot): string[] {
  const keys = new Set([...before.keys(), ...now.keys()])
  return [...keys].filter((key) => before.get(key) !== now.get(key))
}

/** Lays what changed, and nothing else, over a session. */
export function applyChanges(opened: Opened, before: Snapshot, now: Snapshot): void {
  for (const key of changes(before, now)) {
    const text = now.get(key)
    if (text === undefined) opened.delete(key)
    else opened.set(key, JSON.parse(text))
  }
}
