import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { type Running, run } from '../../../../packages/stores/test/kit/processes.ts'
import type { Done, Task } from './client.process.ts'
import type { Framework, Library, Store } from './servers.ts'

export const CONNECTIONS = 64

// Cores of their own, where there are four: or each would take the others' time.
const CORES = { server: '0,1', client: '2', redis: '3' }

export function pin(pid: number | undefined, role: keyof typeof CORES): void {
  if (availableParallelism() >= 4 && pid) {
    spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', CORES[role], `${pid}`])
  }
}

/** A server under test, with a session for each connection. */
export interface Subject {
  readonly framework: Framework
  readonly library: Library
  /** `null` for the bare framework. */
  readonly store: Store | null
  readonly port: number
  readonly cookies: readonly string[]
  /** Microseconds of CPU time that it has used. */
  cpu(): Promise<number>
  end(): Promise<void>
}

export async function subject(
  framework: Framework,
  library: Library,
  store: Store | null,
  url: string,
): Promise<Subject> {
  const script = new URL('server.process.ts', import.meta.url)
  const args = [framework, library, ...(store === 'Redis' ? [url] : [])]
  const server: Running<{ port: number; cpu: number }> = run(script, ...args)
  const { port } = await server.next()
  pin(server.child.pid, 'server')
  const cookies = await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      library === 'bare' ? `connect.sid=${'x'.repeat(80)}` : checkedCookie(port, library),
    ),
  )
  return {
    framework,
    library,
    store,
    port,
    cookies,
    async cpu() {
      server.send({})
      return (await server.next()).cpu
    },
    end: () => server.end(),
  }
}

// A session that counts, is read, and is left alone by who does not ask for it.
async function checkedCookie(port: number, library: Library): Promise<string> {
  const get = async (path: string, cookie = ''): Promise<[string, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })
    if (response.status !== 200) throw new Error(`${library}: ${path} gave ${response.status}`)
    return [await response.text(), response.headers.getSetCookie()[0]?.split(';')[0] ?? '']
  }
  const [one, cookie] = await get('/write')
  const [two] = await get('/write', cookie)
  const [untouched, another] = await get('/untouched', cookie)
  const [read] = await get('/read', cookie)
  const seen = [one, two, untouched, read, another].join()
  if (!cookie || seen !== 'count 1,count 2,untouched,count 2,') {
    throw new Error(`${library} does not count right: ${seen}`)
  }
  return cookie
}

export interface Client {
  perform(task: Task): Promise<Done>
  end(): Promise<void>
}

export function client(): Client {
  const process: Running<Done> = run(new URL('client.process.ts', import.meta.url))
  pin(process.child.pid, 'client')
  return {
    perform(task) {
      process.send(task)
      return process.next()
    },
    end: () => process.end(),
  }
}
