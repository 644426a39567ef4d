import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { programOf } from '../packages/node/test/suite/host.ts'

const source = join(import.meta.dirname, '../packages/stores/src/redis/unsent.ts')

/** What a version of Node warns of while many commands to Redis wait to be sent by one time limit. */
function warningsOf(program: string): string {
  const script = `
    import { unsentLimit } from ${JSON.stringify(source)}
    process.on('warning', ({ message }) => console.log(message))
    const inTime = unsentLimit(5000)
    for (let i = 0; i < 50; i++) inTime().addEventListener('abort', () => {})
  `
  const { outputFiles } = buildSync({
    stdin: { contents: script, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const text = outputFiles[0]?.text ?? ''
  return execFileSync(program, ['--input-type=module', '-e', text], { encoding: 'utf8' })
}

describe.each([20, 22, 24, 26])('many commands to Redis at once, on Node %i', (version) => {
  const program = programOf(version)

  it.skipIf(!program)('are no leak to warn of', () => {
    expect(warningsOf(program as string)).toBe('')
  })
})
