// The part of the platform's module that this package uses. Not published with the declarations: there it is the user's own
// types that `cloudflare:workers` resolves to.
declare namespace Cloudflare {
  // biome-ignore lint/suspicious/noEmptyInterface: applications add their bindings.
  interface Env {}
}

declare module 'cloudflare:workers' {
  export const env: Cloudflare.Env

  interface ObjectStorage {
    readonly kv: {
      get<T>(key: string): T | undefined
      put<T>(key: string, value: T): void
      delete(key: string): boolean
      list<T>(options?: { startAfter?: string; limit?: number }): Iterable<[string, T]>
    }
    getAlarm(): Promise<number | null>
    setAlarm(instant: number): Promise<void>
    deleteAlarm(): Promise<void>
    deleteAll(): Promise<void>
  }

  export function waitUntil(promise: Promise<unknown>): void

  export abstract class DurableObject<Env = unknown> {
    protected ctx: { readonly storage: ObjectStorage }
    protected env: Env
    constructor(ctx: { readonly storage: ObjectStorage }, env: Env)
  }
}
