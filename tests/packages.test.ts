import { execFileSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, startWorkerd } from './plain-worker.ts'

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'sojourn-packages-'))
const workshop = join(scratch, 'workshop')
const project = join(scratch, 'project')
const names = globSync('*', { cwd: join(root, 'packages') }).sort()

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const tarballs: Packed[] = []

function run(cwd: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
  }
}

function tsc(cwd: string, ...args: string[]): void {
  run(cwd, join(root, 'node_modules/.bin/tsc'), ...args)
}

/** A copy without old builds, so that nothing left over in a dist is packed. */
function buildInWorkshop(): void {
  for (const path of globSync(['package.json', 'tsconfig*.json', 'packages/*'], { cwd: root })) {
    cpSync(join(root, path), join(workshop, path), {
      recursive: true,
      filter: (source) => !/[\\/](dist|node_modules|test|\.turbo)$/.test(source),
    })
  }
  for (const dependency of ['@noble', '@types', 'hono', 'undici-types'])
    link(dependency, join(root, 'node_modules', dependency))
  for (const name of names) link(`@sojourn/${name}`, join(workshop, 'packages', name))
  tsc(workshop, '-b', ...names.map((name) => `packages/${name}`))
}

function link(name: string, target: string): void {
  const path = join(workshop, 'node_modules', name)
  mkdirSync(join(path, '..'), { recursive: true })
  symlinkSync(target, path)
}

function pack(name: string): Packed {
  const folder = join(workshop, 'packages', name)
  const output = run(folder, 'npm', 'pack', '--json', '--pack-destination', scratch)
  const packed: Packed[] | Record<string, Packed> = JSON.parse(output)
  const [tarball] = Object.values(packed)
  if (!tarball) throw new Error(`npm packed nothing in ${folder}`)
  return tarball
}

function write(path: string, lines: string[]): void {
  writeFileSync(join(project, path), `${lines.join('\n')}\n`)
}

beforeAll(() => {
  buildInWorkshop()
  tarballs.push(...names.map(pack))

  mkdirSync(project)
  write('package.json', ['{ "name": "somebody", "private": true, "type": "module" }'])
  run(
    project,
    'npm',
    ...['install', '--prefer-offline', '--no-audit', '--no-fund'],
    ...tarballs.map(({ filename }) => join(scratch, filename)),
  )
}, 120_000)

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

describe('the packed packages', () => {
  it.each(names)('%s: hold the build, the sources and the papers, nothing else', (name) => {
    const paths = tarballs[names.indexOf(name)]?.files.map(({ path }) => path) ?? []
    const expected = /^(package\.json|README\.md|LICENSE|dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts)$/
    expect(paths.filter((path) => !expected.test(path))).toEqual([])
    const { exports } = JSON.parse(read(`packages/${name}/package.json`))
    const entries = JSON.stringify(exports).matchAll(/"\.\/(dist\/[^"]+\.js)"/g)
    const needed = ['LICENSE', 'README.md', ...Array.from(entries, ([, path]) => path)]
    expect(needed.length).toBeGreaterThan(2)
    expect(paths).toEqual(expect.arrayContaining(needed))
  })

  it.each(names)('%s: name no path of the machine that built them', (name) => {
    const folder = join(project, 'node_modules/@sojourn', name)
    const telling = globSync('**/*.*', { cwd: folder }).filter((path) => {
      const text = readFileSync(join(folder, path), 'utf8')
      return [root, scratch].some((place) => text.includes(place))
    })
    expect(telling).toEqual([])
  })

  it.each(names.filter((name) => name !== 'cloudflare'))(
    '%s: every export can be imported',
    (name) => {
      const { exports } = JSON.parse(read(`packages/${name}/package.json`))
      const imports = Object.keys(exports).map((path) => `@sojourn/${name}${path.slice(1)}`)
      write(`import-${name}.js`, [
        `for (const name of ${JSON.stringify(imports)}) {`,
        `  if (!Object.keys(await import(name)).length) throw new Error(name + ' exports nothing')`,
        `}`,
      ])
      run(project, process.execPath, `import-${name}.js`)
    },
  )

  it('run a five-line program', () => {
    write('program.js', [
      `import { createSessions, memoryStore } from '@sojourn/core'`,
      `const sessions = createSessions({ store: memoryStore() })`,
      `const session = await sessions.open(new Request('http://localhost/'))`,
      `session.set('cart', ['tea'])`,
      `const response = await sessions.commit(session, new Response('ok'))`,
      `console.log(response.headers.get('set-cookie'))`,
    ])
    expect(run(project, process.execPath, 'program.js')).toContain('HttpOnly')
  })

  it('run in a Worker that binds the classes of cloudflare', async () => {
    write('worker.js', [
      `import { createSessions } from '@sojourn/core'`,
      `import { durableObjectStore } from '@sojourn/cloudflare'`,
      `export { SessionObject, SubjectObject } from '@sojourn/cloudflare'`,
      `export default {`,
      `  async fetch(request, { SESSIONS: sessions, SUBJECTS: subjects }) {`,
      `    const store = durableObjectStore({ sessions, subjects })`,
      `    const { open, commit } = createSessions({ store, secret: 'x'.repeat(32) })`,
      `    const session = await open(request)`,
      `    session.update('visits', (n = 0) => n + 1)`,
      `    return commit(session, new Response(session.get('visits')))`,
      `  },`,
      `}`,
    ])
    const workerd = startWorkerd({
      contents: await bundle(join(project, 'worker.js'), ['workerd']),
      objects: { SESSIONS: 'SessionObject', SUBJECTS: 'SubjectObject' },
    })
    try {
      const first = await workerd.dispatchFetch('http://localhost/')
      const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
      const second = await workerd.dispatchFetch('http://localhost/', { headers: { cookie } })
      expect([await first.text(), await second.text()]).toEqual(['1', '2'])
    } finally {
      await workerd.dispose()
    }
  })

  it('cloudflare takes the bindings as Cloudflare’s own types have them', () => {
    write('worker.ts', [
      `import { durableObjectStore, kvStore, type SessionObject, type SubjectObject } from '@sojourn/cloudflare'`,
      `interface Env {`,
      `  SESSIONS: DurableObjectNamespace<SessionObject>`,
      `  SUBJECTS: DurableObjectNamespace<SubjectObject>`,
      `  SESSIONS_KV: KVNamespace`,
      `}`,
      `export const kv = ({ SESSIONS_KV: namespace }: Env) => kvStore({ namespace })`,
      `export function storeOf({ SESSIONS: sessions, SUBJECTS: subjects }: Env) {`,
      `  return durableObjectStore({ sessions, subjects, locationHint: 'weur', jurisdiction: 'eu' })`,
      `}`,
      `export function wrong({ SESSIONS: sessions, SUBJECTS: subjects }: Env) {`,
      `  // @ts-expect-error the two are not interchangeable`,
      `  return durableObjectStore({ sessions: subjects, subjects: sessions })`,
      `}`,
    ])
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--lib', 'es2024']
    tsc(
      project,
      ...options,
      '--types',
      join(root, 'node_modules/@cloudflare/workers-types'),
      'worker.ts',
    )
  })

  it('type-check in a strict project, declarations included', () => {
    write('consumer.ts', [
      `import { createSessions, memoryStore } from '@sojourn/core'`,
      `import { session as middleware } from '@sojourn/hono'`,
      `const sessions = createSessions<{ cart: string[] }>({ store: memoryStore() })`,
      `export const handler: Function = middleware(sessions)`,
      `const session = await sessions.open(new Request('http://localhost/'))`,
      `session.set('cart', ['tea'])`,
      `export const cart: readonly string[] | undefined = session.get('cart')`,
      `// @ts-expect-error carts hold strings`,
      `session.set('cart', [1])`,
    ])
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--types', '']
    tsc(project, ...options, '--lib', 'es2024,dom', '--skipLibCheck', 'false', 'consumer.ts')
  })
})

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
