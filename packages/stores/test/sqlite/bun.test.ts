import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const cpu = process.arch === 'arm64' ? 'aarch64' : 'x64'
const bun = join(root, `node_modules/@oven/bun-linux-${cpu}/bin/bun`)

// Like Node 24, it comes with the tools on Linux.
if (!existsSync(bun)) process.stdout.write(`No ${bun}: bun:sqlite is not tested\n`)

describe.runIf(existsSync(bun))('the SQLite store in Bun', () => {
  it('keeps the whole contract with bun:sqlite, in memory and in a file', async () => {
    const script = join(import.meta.dirname, 'contract.bun.ts')
    const { stdout } = await promisify(execFile)(bun, ['--conditions=sojourn-source', script])
    const { kept, broken } = JSON.parse(stdout)
    expect(broken).toEqual([])
    expect(kept).toBeGreaterThan(100)
  })
})
