import { cloneJson, type Json, type JsonObject } from './json.ts'
import type { SessionRecord } from './record.ts'

/** One change to a record; gives back the same object if it changes nothing. */
export type Step = (record: SessionRecord) => SessionRecord

/**
 * What one request changes. Never a snapshot: it can be laid over whatever record is newest, so that two requests that change different
 * keys both win, and two increments both count.
 */
export interface Patch {
  readonly steps: readonly Step[]
  /** Whether the token must be replaced, without grace (ASVS 7.2.4). */
  readonly replacesToken: boolean
  readonly signIn: { readonly subject: string; readonly method: string } | null
}

export const EMPTY_PATCH: Patch = { steps: [], replacesToken: false, signIn: null }

/** Whether the patch changes anything. */
export function isEmpty({ steps, replacesToken }: Patch): boolean {
  return !steps.length && !replacesToken
}

/** The record with the patch laid over it, version and generation apart. */
export function applyPatch(record: SessionRecord, { steps }: Patch): SessionRecord {
  return steps.reduce((patched, step) => step(patched), record)
}

/** The value of a key of the data, and never of its prototype. */
export function valueAt(data: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(data, key) ? data[key] : undefined
}

/** Sets a key to what a function makes of its value; `undefined` removes it. */
export function changeKey(key: string, next: (value: Json | undefined) => Json | undefined): Step {
  return (record) => {
    const old = valueAt(record.data, key)
    const value = next(cloneJson(old))
    if (old === value || JSON.stringify(old) === JSON.stringify(value)) return record
    // A spread and a computed key define own members, so that `__proto__` is a key like any other.
    const data = { ...record.data, [key]: value as Json }
    if (value === undefined) delete data[key]
    return { ...record, data }
  }
}

/** Removes all data. */
export function clearData(record: SessionRecord): SessionRecord {
  return Object.keys(record.data).length ? { ...record, data: {} } : record
}

/** Makes the record speak for a subject. What another subject's session held is not handed on. */
export function signInAs(subject: string, method: string, at: number): Step {
  return (record) => ({
    ...record,
    ...(record.subject !== null &&
      record.subject !== subject && { data: {}, device: null, persistent: false }),
    subject,
    authentications: [{ method, at }],
    startedAt: at,
  })
}

/** Adds to how the subject proved who they are; each method stands there once. */
export function authenticateAgain(method: string, at: number): Step {
  return (record) => {
    const others = record.authentications.filter((known) => known.method !== method)
    return { ...record, authentications: [...others, { method, at }], startedAt: at }
  }
}

export function makePersistent(persistent: boolean): Step {
  return (record) => (record.persistent === persistent ? record : { ...record, persistent })
}
