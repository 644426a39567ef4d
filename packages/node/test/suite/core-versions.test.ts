import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { programOf } from './host.ts'

const root = join(import.meta.dirname, '../../../..')
const carriers = join(import.meta.dirname, '../carriers')

interface Report {
  readonly numPassedTests: number
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** The core's tests of sessions through `node:http`, Express, Fastify and Koa, by the test runner on another version of Node. */
async function runBy(program: string): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-versions-'))
  const report = join(folder, 'report.json')
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  const runner = join(root, 'node_modules/vitest/vitest.mjs')
  const config = join(carriers, 'vitest.config.ts')
  const args = [runner, 'run', '--config', config, '--outputFile', report, '--maxWorkers', '2']
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...Object.fromEntries(own),
      NODE_OPTIONS: `--import ${join(carriers, 'node-20.mjs')}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  try {
    await once(child, 'close')
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch (error) {
    throw new Error(`There is no report:\n${said}`, { cause: error })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function failuresIn({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message ? [`${name}: ${message}`] : []),
    ...assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`),
  ])
}

// On the version that runs these tests they are run as projects of their own.
const others = [20, 22, 24, 26].filter((version) => !process.version.startsWith(`v${version}.`))

describe.each(others)('on Node %i', (version) => {
  const program = programOf(version)

  it.skipIf(!program)(
    "the core's own tests pass through every adapter",
    { timeout: 400_000 },
    async () => {
      const report = await runBy(program as string)
      expect(failuresIn(report)).toEqual([])
      expect(report.numTotalTests).toBeGreaterThan(1000)
      expect(report.numPassedTests).toBe(report.numTotalTests)
    },
  )
})
