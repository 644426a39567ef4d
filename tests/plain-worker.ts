import { type BuildOptions, build } from 'esbuild'
import { Miniflare } from 'miniflare'

/** A Worker's code, and what it has bound. */
export interface PlainWorker {
  /** One module, as `bundle` makes it. */
  readonly contents: string
  /** The classes of Durable Objects, by the names they are bound under. */
  readonly objects?: Readonly<Record<string, string>>
  /** How those classes store. Default `sqlite`. */
  readonly storage?: 'sqlite' | 'legacy-kv'
  /** The names that KV namespaces are bound under. */
  readonly kv?: readonly string[]
  /** A folder that outlives the workerd. Default: one that does not. */
  readonly disk?: string
}

/** Bundles a Worker as its user's tool would: from a file, or from code that finds its imports from a folder. */
export async function bundle(
  entry: string | { readonly code: string; readonly from: string },
  conditions: readonly string[] = ['sojourn-source', 'workerd'],
): Promise<string> {
  const source: BuildOptions =
    typeof entry === 'string'
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry.code, resolveDir: entry.from } }
  const { outputFiles } = await build({
    ...source,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    conditions: [...conditions],
    external: ['cloudflare:*'],
    write: false,
  })
  return outputFiles?.[0]?.text ?? ''
}

/** Where a Worker can be asked without the one that Miniflare puts in front of it. */
export function directUrl(miniflare: Miniflare): Promise<URL> {
  return miniflare.unsafeGetDirectURL(NAME)
}

const NAME = 'plain'

/** Runs a Worker in a workerd of its own, on loopback, without any compatibility flag. */
export function startWorkerd(worker: PlainWorker): Miniflare {
  const { contents, objects = {}, storage = 'sqlite', kv = [], disk } = worker
  const classes = Object.values(objects)
  const bindings = Object.entries(objects).map(
    ([binding, exportName]) =>
      [binding, { type: 'durable-object', worker: NAME, exportName }] as const,
  )
  return new Miniflare({
    cf: false,
    ...(disk && { resourcePersistencePath: disk }),
    workers: [
      {
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
        config: {
          name: NAME,
          compatibilityDate: '2026-07-01',
          env: {
            ...Object.fromEntries(bindings),
            ...Object.fromEntries(kv.map((id) => [id, { type: 'kv', id } as const])),
          },
          exports: Object.fromEntries(
            classes.map((className) => [className, { type: 'durable-object', storage } as const]),
          ),
          manifest: {
            mainModule: 'worker.mjs',
            modules: { 'worker.mjs': { type: 'esm', contents } },
          },
        },
      },
    ],
  })
}
