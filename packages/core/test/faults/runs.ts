import * as fc from 'fast-check'
import { expect } from 'vitest'
import { play, type Setting } from './play.ts'
import { programs } from './program.ts'

interface Process {
  readonly env?: Readonly<Record<string, string | undefined>>
  on?(type: 'unhandledRejection', listener: (reason: unknown) => void): unknown
  off?(type: 'unhandledRejection', listener: (reason: unknown) => void): unknown
}

/**
 * Plays so many random programs. What fails says its seed and path; `FAULT_SEED` plays the same programs again, and `FAULT_PROGRAMS` more of them.
 */
export async function playAny(count: number, setting: Setting): Promise<void> {
  const { process = {} } = globalThis as { process?: Process }
  const { env = {} } = process
  const numRuns = Number(env['FAULT_PROGRAMS'] ?? count)
  const seed = Number(env['FAULT_SEED'] ?? Date.now() % 2 ** 31)
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  process.on?.('unhandledRejection', listen)
  try {
    const property = fc.asyncProperty(programs, async (program) => {
      await play(program, setting)
      expect(unhandled.splice(0), 'a rejection that nobody handles').toEqual([])
    })
    await fc.assert(property, { numRuns, seed })
  } finally {
    process.off?.('unhandledRejection', listen)
  }
}
