import { fork } from 'node:child_process'
import { once } from 'node:events'
import { nameOf } from './peer.ts'
import { peers } from './peers/index.ts'

// What keeps its data in the cookie holds nothing; better-auth hashes a password for each account, and encryption takes milliseconds for each.
const counted = peers.filter(
  ({ name, keeps, cannot }) => keeps === 'server' && !cannot?.length && !name.includes('encrypted'),
)

/** Bytes of heap for each session, by peer; a `Map` is a `Map<string, string>` of JSON texts. */
export async function heapOf(
  sessions: number,
  log: (line: string) => void,
): Promise<Record<string, number>> {
  const seen: Record<string, number> = {}
  for (const name of ['Map of the data', 'Map of Sojourn’s records', ...counted.map(nameOf)]) {
    const child = fork(new URL('heap.process.ts', import.meta.url), [name, String(sessions)], {
      execArgv: ['--expose-gc', '--max-old-space-size=4096'],
      silent: true,
    })
    const [{ perSession }] = (await once(child, 'message')) as [{ perSession: number }]
    seen[name] = perSession
    await once(child, 'exit')
    log(`heap: ${name} ${perSession.toFixed(0)}`)
  }
  return seen
}
