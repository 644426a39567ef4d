import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

function passes(command: string, ...args: string[]): boolean {
  console.log(`> ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}

const results = readdirSync('packages').flatMap((name) => [
  passes('publint', 'run', '--strict', '--pack', 'npm', `packages/${name}`),
  // docs/decisions/002-esm-only.md: the two findings that this profile accepts, and why.
  passes('attw', '--pack', `packages/${name}`, '--profile', 'esm-only', '--no-definitely-typed'),
])

process.exitCode = results.every(Boolean) ? 0 : 1
