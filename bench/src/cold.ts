import { fork } from 'node:child_process'
import { once } from 'node:events'
import { median } from './numbers.ts'
import { nameOf } from './peer.ts'
import { fileOf, peers } from './peers/index.ts'

/** Milliseconds from the import of a library to the first answer, with the framework already there; the middle of some starts. */
export async function coldStarts(
  starts: number,
  log: (line: string) => void,
): Promise<Record<string, number>> {
  const seen: Record<string, number> = {}
  for (const peer of peers.filter(({ keeps }) => keeps !== false)) {
    const name = nameOf(peer)
    const took: number[] = []
    for (let start = 0; start < starts; start++) {
      const file = fileOf.get(name) ?? ''
      const child = fork(new URL('cold.process.ts', import.meta.url), [name, file], {
        silent: true,
      })
      took.push(((await once(child, 'message')) as [number])[0])
      await once(child, 'exit')
    }
    seen[name] = median(took)
    log(`cold start: ${name} ${seen[name]?.toFixed(0)} ms`)
  }
  return seen
}
