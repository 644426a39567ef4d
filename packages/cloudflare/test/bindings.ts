import type { DurableObjectStoreOptions, KvStoreOptions } from '@sojourn/cloudflare'

/** What the tests' Worker has bound: see vitest.workspace.ts. */
export interface TestBindings {
  readonly SESSIONS: DurableObjectStoreOptions['sessions']
  readonly SUBJECTS: DurableObjectStoreOptions['subjects']
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
