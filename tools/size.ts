import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const sessions = `export { createSessions, memoryStore } from '@sojourn/core'`
const inHono = `
  export { createSessions } from '@sojourn/core'
  export { session } from '@sojourn/hono'`
const objects = `${inHono}
  export { durableObjectStore, SessionObject, SubjectObject } from '@sojourn/cloudflare'`
const cached = `${objects}
  export { kvCache } from '@sojourn/cloudflare'`
const kv = `${inHono}
  export { kvStore } from '@sojourn/cloudflare'`

/** What users write, with everything it imports: minified, gzipped, in bytes. */
const budgets = [
  { import: 'createSessions, memoryStore', on: 'workerd', code: sessions, limit: 7300 },
  // With @noble/hashes instead of Web Crypto, for speed; a server downloads nothing per visit.
  { import: 'createSessions, memoryStore', on: 'node', code: sessions, limit: 11 * 1024 },
  // What the example Workers have of ours: all but Hono, which they have anyway.
  { import: 'a Worker with durableObjectStore', on: 'workerd', code: objects, limit: 10 * 1024 },
  { import: 'a Worker with kvCache as well', on: 'workerd', code: cached, limit: 10 * 1024 },
  { import: 'a Worker with kvStore', on: 'workerd', code: kv, limit: 10 * 1024 },
]

async function measure(code: string, platform: string): Promise<[number, number]> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    platform: 'neutral',
    conditions: ['sojourn-source', platform],
    external: ['hono', 'cloudflare:*'],
    write: false,
    logLevel: 'error',
  })
  const [bundle] = outputFiles
  if (!bundle) throw new Error(`Nothing was bundled for: ${code}`)
  return [bundle.contents.byteLength, gzipSync(bundle.contents, { level: 9 }).byteLength]
}

const rows = await Promise.all(
  budgets.map(async ({ code, limit, ...budget }) => {
    const [minified, gzipped] = await measure(code, budget.on)
    return { ...budget, minified, gzipped, limit, left: limit - gzipped }
  }),
)

console.table(rows)
const over = rows.filter((row) => row.left < 0)
for (const row of over) {
  console.error(`${row.import} on ${row.on} is ${-row.left} bytes over its budget`)
}
process.exitCode = over.length ? 1 : 0
