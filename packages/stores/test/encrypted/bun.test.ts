import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { VECTOR_OPEN } from './vector.ts'

const root = join(import.meta.dirname, '../../../..')
const cpu = process.arch === 'arm64' ? 'aarch64' : 'x64'
const bun = join(root, `node_modules/@oven/bun-linux-${cpu}/bin/bun`)

// Like Node 24, it comes with the tools on Linux.
if (!existsSync(bun)) process.stdout.write(`No ${bun}: sealing is not tested in Bun\n`)

describe.runIf(existsSync(bun))('sealed in Bun, the memory store', () => {
  it('keeps the whole contract, and unseals what was sealed on Node', async () => {
    const script = join(import.meta.dirname, 'contract.bun.ts')
    const { stdout } = await promisify(execFile)(bun, ['--conditions=sojourn-source', script])
    const { kept, broken, unsealed } = JSON.parse(stdout)
    expect(broken).toEqual([])
    expect(kept).toBeGreaterThan(50)
    expect(unsealed).toEqual(VECTOR_OPEN)
  })
})
