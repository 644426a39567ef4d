// What the tests use of the platform and of the runner, structurally: see ../src/cloudflare-workers.d.ts.
declare namespace Cloudflare {
  type Bindings = import('./bindings.ts').TestBindings
  interface Env extends Bindings {}
}

declare module 'cloudflare:test' {
  type ObjectStorage = import('./bindings.ts').ObjectStorage
  export function runInDurableObject<T>(
    stub: unknown,
    callback: (instance: unknown, state: { readonly storage: ObjectStorage }) => T | Promise<T>,
  ): Promise<T>
  export function runDurableObjectAlarm(stub: unknown): Promise<boolean>
  export function evictDurableObject(stub: unknown): Promise<void>
}

declare module '*.md?raw' {
  const text: string

  // biome-ignore lint/style/noDefaultExport: so Vite exports the text of a file.
  export default text
}
