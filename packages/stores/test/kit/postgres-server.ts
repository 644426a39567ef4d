import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findService, freePort } from './services.ts'

// Debian has them off the path, by version.
const DEBIAN = '/usr/lib/postgresql'
const folders = existsSync(DEBIAN)
  ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin'))
  : []
const postgres = findService('postgres', ...folders)
const initdb = postgres && findService('initdb', ...folders)

/** Whether tests that need a Postgres server can run. */
export const hasPostgres = initdb !== null

/** A server of the test's own, on a loopback port and in a folder of its own. */
export interface PostgresServer {
  readonly port: number
  /** The address of its one database, for whom may do everything, or for another role. */
  url(role?: string): string
  /** Starts it again on the same port and files after it has ended. */
  start(): Promise<void>
  /** Ends it and waits until it has. */
  end(signal?: NodeJS.Signals): Promise<void>
  /** Ends it, and its files go. */
  clear(): Promise<void>
}

/** Starts a server with settings such as `fsync=off`, and waits until it takes connections. */
export async function postgresServer(...settings: string[]): Promise<PostgresServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-postgres-'))
  const who = unprivileged()
  if (who) chownSync(folder, who.uid, who.gid)
  const data = join(folder, 'data')
  const init = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]
  execFileSync(initdb ?? '', init, { ...who, cwd: folder, stdio: 'ignore' })
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const own = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`]
    const args = ['-D', data, ...[...own, ...settings].flatMap((setting) => ['-c', setting])]
    for (;;) {
      child = spawn(postgres ?? '', args, {
        ...who,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const said = await untilReady(child)
      if (said === null) return
      // A server that was killed leaves processes that find out on their own, and until then keep its memory.
      if (!/pre-existing shared memory|could not bind|lock file/.test(said)) throw new Error(said)
      await setTimeout(50)
    }
  }

  // Fast: it ends connections, and writes down what it has.
  async function end(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  await start()
  return {
    port,
    url: (role = 'postgres') => `postgres://${role}@127.0.0.1:${port}/postgres`,
    start,
    end,
    async clear() {
      await end('SIGQUIT')
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** What it says when it ends instead; `null`: it is ready. */
async function untilReady(child: ChildProcess): Promise<string | null> {
  let said = ''
  let ready = false
  // What it says later is read too, or its pipe would fill.
  child.stderr?.on('data', (part) => {
    if (!ready) said += part
    ready ||= said.includes('database system is ready to accept connections')
  })
  while (!ready) {
    if (child.exitCode !== null || child.signalCode !== null) return `postgres ended:\n${said}`
    await setTimeout(10)
  }
  return null
}

// Postgres does not run as root.
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const found = ['postgres', 'nobody'].flatMap((name) =>
    users.filter((line) => line.startsWith(`${name}:`)),
  )
  const [, , uid, gid] = found[0]?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}
