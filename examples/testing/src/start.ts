import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** What `npm start` has started. */
export interface Started {
  /** What it printed. */
  readonly address: string
  /** Sends npm, and nobody else, SIGTERM. The exit code, once nobody holds npm's output open any more. */
  stop(): Promise<number | null>
}

/** `npm start -w examples/…` on a free port, in a home folder of its own. */
export async function start(example: string, home: string, ...options: string[]): Promise<Started> {
  const npm = spawn('npm', ['start', '-w', `examples/${example}`, '--', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: home, PORT: '0', npm_config_update_notifier: 'false' },
  })
  const ended = once(npm, 'close')
  return {
    address: await addressOf(npm),
    async stop() {
      npm.kill('SIGTERM')
      const [code] = await ended
      return code
    },
  }
}

function addressOf(npm: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (part: Buffer) => {
      output += part
      const [address] = /http:\/\/localhost:\d+/.exec(output) ?? []
      if (address) resolve(address)
    }
    npm.stdout?.on('data', read)
    npm.stderr?.on('data', read)
    npm.on('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)))
  })
}
