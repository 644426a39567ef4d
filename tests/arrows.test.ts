import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** A layer imports from layers after it only. */
const layers = [
  ['examples', 'bench'],
  ['@sojourn/hono', '@sojourn/node', '@sojourn/cloudflare', '@sojourn/stores'],
  ['@sojourn/core'],
  ['@noble/hashes'],
]

/** What starts servers and processes for tests, and is lent. */
const kits = ['packages/stores/test/kit/', 'tests/plain-worker.ts']

interface Package {
  readonly name: string
  readonly folder: string
  readonly layer: number
  readonly dependencies: readonly string[]
  readonly peers: readonly string[]
}

const packages = globSync(['packages/*', 'examples/*', 'bench'], { cwd: root }).map(load)
const adapters = packages.filter(({ layer }) => layer === 1)

function load(folder: string): Package {
  const {
    name,
    dependencies = {},
    peerDependencies = {},
  } = JSON.parse(read(`${folder}/package.json`))
  return {
    name,
    folder,
    layer: layerOf(folder.startsWith('packages/') ? name : folder),
    dependencies: Object.keys(dependencies),
    peers: Object.keys(peerDependencies),
  }
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** `@sojourn/stores/redis` stands where `@sojourn/stores` stands; -1 stands nowhere. */
function layerOf(name: string): number {
  return layers.findIndex((layer) => layer.some((part) => `${name}/`.startsWith(`${part}/`)))
}

function sources(folder: string): string[] {
  return globSync(`${folder}/src/**/*.ts`, { cwd: root }).sort()
}

/** What a file imports. Statements begin a line, so the examples in docstrings do not count. */
function imports(path: string): string[] {
  const statement = /^(?:import|export)\s(?:[^'"`]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
  const call = /\bimport\(\s*['"]([^'"]+)['"]/g
  const code = read(path)
  return [...code.matchAll(statement), ...code.matchAll(call)].map(([, name = '']) => name)
}

/** Relative, or one of the package's own `#imports`. */
function isOwn(specifier: string): boolean {
  return /^[.#]/.test(specifier)
}

/** Every import that breaks a rule, as `file: specifier`; of a folder's sources or of other files. */
function offences(
  folder: string,
  breaks: (specifier: string, path: string) => boolean,
  files = sources(folder),
): string[] {
  return files.flatMap((path) =>
    imports(path)
      .filter((specifier) => breaks(specifier, path))
      .map((specifier) => `${path}: ${specifier}`),
  )
}

describe('packages', () => {
  it('each have a place in the layers', () => {
    expect(packages.filter(({ layer }) => layer === -1)).toEqual([])
  })

  it.each(packages)('$folder imports one way', ({ folder, layer, dependencies, peers }) => {
    const upward = (specifier: string) => {
      const target = layerOf(specifier)
      return target !== -1 && target <= layer
    }
    expect([...dependencies, ...peers].filter(upward)).toEqual([])
    expect(offences(folder, upward)).toEqual([])
  })

  it.each(packages)('$folder stays in its folder and writes .ts', ({ folder, layer }) => {
    const strays = (specifier: string, path: string) => {
      const to = join(dirname(path), specifier)
      // What stands above all starts its servers as the tests do.
      const lent = layer === 0 && kits.some((kit) => to.startsWith(kit))
      const away = relative(`${folder}/src`, to).startsWith('..') && !lent
      return specifier.startsWith('.') && (away || !specifier.endsWith('.ts'))
    }
    expect(offences(folder, strays)).toEqual([])
  })

  it.each(packages)('$folder is tested without what stands above or beside it', (tested) => {
    const upward = (specifier: string, path: string) => {
      const to = join(dirname(path), specifier)
      const target = specifier.startsWith('.')
        ? packages.find(({ folder }) => to.startsWith(`${folder}/`))?.layer
        : layerOf(specifier)
      const own = isOwn(specifier)
        ? [tested.folder, 'examples/testing/', ...kits].some((place) => to.startsWith(place))
        : specifier.startsWith(tested.name)
      return !own && target !== undefined && target !== -1 && target <= tested.layer
    }
    const files = globSync(`${tested.folder}/test/**/*.ts`, { cwd: root })
    expect(offences(tested.folder, upward, files)).toEqual([])
  })

  it('core depends on @noble/hashes and nothing else', () => {
    const core = packages.find(({ folder }) => folder === 'packages/core')
    expect(core).toMatchObject({ dependencies: ['@noble/hashes'], peers: [] })
    const foreign = (specifier: string) =>
      !isOwn(specifier) && !specifier.startsWith('@noble/hashes/')
    expect(offences('packages/core', foreign)).toEqual([])
  })

  it.each(adapters)('$folder depends on @sojourn/core; frameworks are peers', (adapter) => {
    expect(adapter.dependencies).toEqual(['@sojourn/core'])
    const known = ['node:', 'cloudflare:', ...adapter.peers]
    const foreign = (specifier: string) =>
      !isOwn(specifier) &&
      specifier !== '@sojourn/core' &&
      !known.some((name) => specifier.startsWith(name))
    expect(offences(adapter.folder, foreign)).toEqual([])
  })
})

describe('the reading order of the core', () => {
  const folder = 'packages/core/src'
  const [, list = ''] =
    read('CONTRIBUTING.md').match(
      /^## Reading order of the core$[\s\S]*?^```\w*\n([\s\S]*?)^```/m,
    ) ?? []
  const order = list.trim().split(/\s+/)

  /** Every source that an import may lead to: `#imports` depend on the runtime. */
  function targets(file: string, specifier: string): string[] {
    if (specifier.startsWith('.')) return [join(dirname(file), specifier)]
    const { imports = {} } = JSON.parse(read('packages/core/package.json'))
    const paths = JSON.stringify(imports[specifier] ?? '').matchAll(/"\.\/src\/([^"]+)"/g)
    return Array.from(paths, ([, path = '']) => path)
  }

  it('names every file once', () => {
    const files = sources('packages/core').map((path) => relative(folder, path))
    expect([...order].sort()).toEqual(files)
  })

  it.each(order)('%s imports only from files before it', (file) => {
    const before = order.slice(0, order.indexOf(file))
    const upward = imports(`${folder}/${file}`)
      .filter(isOwn)
      .flatMap((specifier) => targets(file, specifier))
      .filter((target) => !before.includes(target))
    expect(upward).toEqual([])
  })
})
