import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findService, freePort } from './services.ts'

const program = findService('redis-server')

/** Whether tests that need a `redis-server` can run. */
export const hasRedis = program !== null

/** A server of the test's own, on a loopback port and in a folder of its own. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Where it keeps its files, also from one start to the next. */
  readonly folder: string
  /** Starts it again on the same port and files after it has ended. */
  start(): Promise<void>
  /** Ends it and waits until it has. */
  end(signal?: NodeJS.Signals): Promise<void>
  /** Ends it, and its files go. */
  clear(): Promise<void>
}

/** Starts a server and waits until it takes connections. Keeps nothing on the disk unless the settings say so. */
export async function redisServer(...settings: string[]): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-redis-'))
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    child = await startRedis([...own, ...settings], 'Ready to accept connections')
  }

  async function end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    start,
    end,
    async clear() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts the program and waits until it says that it is ready. What it says is read on, or its pipe would fill. */
export async function startRedis(args: readonly string[], sign: string): Promise<ChildProcess> {
  const child = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let ready = false
  child.stdout?.on('data', (part) => {
    if (!ready) said += part
    ready ||= said.includes(sign)
  })
  while (!ready) {
    if (child.exitCode !== null) throw new Error(`redis-server ended:\n${said}`)
    await setTimeout(10)
  }
  return child
}
