import type { DurableObjectStoreOptions, KvStoreOptions } from '@sojourn/cloudflare'
import type { PlainNamespace } from './cost/counted-bindings.ts'

/** What the tests' Worker has bound: see vitest.workspace.ts. */
export interface TestBindings {
  readonly SESSIONS: DurableObjectStoreOptions['sessions']
  readonly SUBJECTS: DurableObjectStoreOptions['subjects']
  /** The same classes, and a plain one, on storage that is counted: see cost/. */
  readonly COUNTED_SESSIONS: DurableObjectStoreOptions['sessions']
  readonly COUNTED_SUBJECTS: DurableObjectStoreOptions['subjects']
  readonly PLAIN_OBJECTS: PlainNamespace
  readonly SESSIONS_KV: KvStoreOptions['namespace']
}

/** What the tests look at in an object's storage. */
export interface ObjectStorage {
  readonly sql: { exec(query: string): { toArray(): { name: string; rows: number }[] } }
  readonly kv: {
    list(): Iterable<[string, unknown]>
    put(key: string, value: unknown): void
  }
  getAlarm(): Promise<number | null>
  setAlarm(instant: number): Promise<void>
}
