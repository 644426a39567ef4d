import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig, type Plugin, type TestProjectInlineConfiguration } from 'vitest/config'
import { storeless } from './packages/core/test/storeless.ts'

type TestOptions = TestProjectInlineConfiguration['test']

// Packages resolve to their sources through this condition, so no test waits for a build.
const source = 'sojourn-source'

// Thousands of interleavings take seconds on a busy machine, and a test that hangs still ends.
const testTimeout = 30_000

function onNode(name: string, test: TestOptions): TestProjectInlineConfiguration {
  return {
    ssr: { resolve: { conditions: [source] } },
    test: { name, environment: 'node', testTimeout, ...test },
  }
}

// Vitest adds the condition `node` everywhere; a Worker is not to get what packages keep for Node.
const notNode: Plugin = {
  name: 'not-node',
  enforce: 'post',
  configEnvironment(name, { resolve }) {
    if (name !== 'ssr' || !resolve?.conditions) return
    resolve.conditions = resolve.conditions.filter((condition) => condition !== 'node')
  },
}

// The plugin turns Node compatibility on for its own runner, asked or not; asked, it is quieter.
// tests/workerd.test.ts shows that the core itself needs none.
function inWorkerd(
  name: string,
  test: TestOptions,
  worker: Exclude<Parameters<typeof cloudflareTest>[0], (...args: never) => unknown> = {},
): TestProjectInlineConfiguration {
  const { miniflare, ...rest } = worker
  const platform = { compatibilityDate: '2026-07-01', compatibilityFlags: ['nodejs_compat'] }
  return {
    plugins: [cloudflareTest({ ...rest, miniflare: { ...platform, ...miniflare } }), notNode],
    resolve: { conditions: [source] },
    ssr: { resolve: { conditions: [source, 'workerd', 'worker', 'module', 'browser'] } },
    test: { name, testTimeout, ...test },
  }
}

function typeTests(folder: string): Required<NonNullable<TestOptions>>['typecheck'] {
  return {
    enabled: true,
    include: [`${folder}/test/**/*.test-d.ts`],
    tsconfig: `${folder}/tsconfig.test.json`,
    // Errors outside the type tests are for `npm run typecheck` to report.
    ignoreSourceErrors: true,
  }
}

/** One package's tests: on Node with the type tests, and the same files inside workerd. A name may bind a file to one of the two. */
function everywhere(name: string): TestProjectInlineConfiguration[] {
  const folder = `packages/${name}`
  const include = [`${folder}/test/**/*.test.ts`]
  return [
    onNode(name, {
      include,
      exclude: ['**/*.workerd.test.ts'],
      typecheck: typeTests(folder),
    }),
    inWorkerd(`${name}-workerd`, { include, exclude: ['**/*.node.test.ts'] }),
  ]
}

const cloudflare = 'packages/cloudflare/test'

/** Inside workerd, with the bindings of the stores. */
function inWorker(name: string, test: TestOptions): TestProjectInlineConfiguration {
  const sqlite = (className: string) => ({ className, useSQLite: true })
  return inWorkerd(
    name,
    { exclude: ['**/*.node.test.ts'], testTimeout: 60_000, ...test },
    {
      main: `./${cloudflare}/fixture.worker.ts`,
      miniflare: {
        kvNamespaces: ['SESSIONS_KV'],
        durableObjects: {
          SESSIONS: sqlite('SessionObject'),
          SUBJECTS: sqlite('SubjectObject'),
          COUNTED_SESSIONS: sqlite('CountedSessionObject'),
          COUNTED_SUBJECTS: sqlite('CountedSubjectObject'),
          PLAIN_OBJECTS: sqlite('PlainObject'),
        },
      },
    },
  )
}

/** The tests of a package that keep sessions, once more inside workerd: in Durable Objects, and in KV. */
function inStores(name: string): TestProjectInlineConfiguration[] {
  const folder = `packages/${name}/test`
  const elsewhere = ['**/*.node.test.ts', ...storeless.map((file) => `packages/core/test/${file}`)]
  const stores = { objects: elsewhere, kv: [...elsewhere, '**/*.strong.test.ts'] }
  return Object.entries(stores).map(([store, exclude]) =>
    inWorker(`${name}-${store}`, {
      include: [`${folder}/**/*.test.ts`],
      exclude,
      setupFiles: [`${cloudflare}/suites/${store}.ts`],
      // One workerd for all files: every site has a store of its own.
      isolate: false,
    }),
  )
}

/** The core's tests that keep sessions, once more over sockets, through what is made for each framework of Node. */
export function throughAdapters(): TestProjectInlineConfiguration[] {
  return ['node-http', 'express', 'fastify', 'koa'].map((adapter) =>
    onNode(`core-${adapter}`, {
      include: ['packages/core/test/**/*.test.ts'],
      exclude: [
        '**/*.{workerd,direct,node}.test.ts',
        ...storeless.map((file) => `packages/core/test/${file}`),
      ],
      setupFiles: [`packages/node/test/carriers/${adapter}.ts`],
      testTimeout: 60_000,
    }),
  )
}

/** The package for Workers: inside workerd, with its bindings; what starts a workerd of its own, on Node. */
function onCloudflare(): TestProjectInlineConfiguration[] {
  return [
    inWorker('cloudflare', { include: [`${cloudflare}/**/*.test.ts`] }),
    onNode('cloudflare-node', {
      include: [`${cloudflare}/**/*.node.test.ts`],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    }),
  ]
}

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: '.vitest/report.json' }]],
    projects: [
      ...everywhere('core'),
      ...everywhere('hono'),
      ...onCloudflare(),
      ...inStores('core'),
      ...inStores('hono'),
      ...throughAdapters(),
      onNode('node', {
        include: ['packages/node/test/**/*.test.ts'],
        typecheck: typeTests('packages/node'),
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      onNode('stores', {
        include: ['packages/stores/test/**/*.test.ts'],
        exclude: ['**/*.workerd.test.ts'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      inWorkerd(
        'stores-workerd',
        { include: ['packages/stores/test/**/*.workerd.test.ts'], testTimeout: 60_000 },
        { miniflare: { d1Databases: { SESSIONS_DB: 'sessions' } } },
      ),
      onNode('repository', { include: ['tests/**/*.test.ts'], testTimeout: 120_000 }),
      onNode('examples', {
        include: ['examples/*/test/**/*.test.ts'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
    ],
  },
})
