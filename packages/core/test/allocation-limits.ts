import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import type { Allocation } from './allocation.ts'

// Interpreted, so that a compiler that saves an allocation at one time and not at another makes no difference, with room for all of them at once.
const EXACT = ['--expose-gc', '--no-opt', '--no-sparkplug', '--min-semi-space-size=64']
const SOURCE = ['--conditions=sojourn-source', '--disable-warning=ExperimentalWarning']

/** What a program has measured, in a process of its own. */
function measuredBy(program: URL): Record<string, Allocation> {
  const args = [...EXACT, '--max-semi-space-size=64', ...SOURCE, program.pathname]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

/** A test that requests take less than so many bytes each, a twentieth more than was measured with Node 24, and leave less than `left`. */
export function itTakesLessThan(limits: Record<string, number>, left: number, program: URL): void {
  it('A request takes no more of the heap than it did, and leaves nothing for a full collection', () => {
    const seen = measuredBy(program)
    expect(Object.keys(seen)).toEqual(Object.keys(limits))
    for (const [name, bytes] of Object.entries(seen)) {
      expect(bytes.taken, `bytes that ${name} takes`).toBeLessThan(limits[name] ?? 0)
      expect(bytes.left, `bytes that ${name} leaves`).toBeLessThan(left)
    }
  })
}
