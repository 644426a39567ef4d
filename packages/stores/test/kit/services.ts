import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'

const { PATH = '', REQUIRE_SERVICES } = process.env

/** Where a program is that a test starts; `null`, and a line that says so, where it is not installed. Throws if services are required. */
export function findService(program: string, ...folders: string[]): string | null {
  const places = [...PATH.split(delimiter), ...folders].map((folder) => join(folder, program))
  const found = places.find(isExecutable)
  if (found) return found
  if (REQUIRE_SERVICES === '1') throw new Error(`There is no ${program}, and services are required`)
  // biome-ignore lint/suspicious/noConsole: who runs the tests is to know what they did not run.
  console.log(`There is no ${program}: the tests that need it are skipped.`)
  return null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A loopback port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
