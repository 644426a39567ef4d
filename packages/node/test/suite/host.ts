import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Control, Seen } from './site.ts'

/** Everything served, by one version of Node, in a process of its own. */
export interface Host {
  readonly version: string
  readonly ports: Readonly<Record<string, number>>
  control(server: string, control?: Control): Promise<Seen>
  /** What nobody has caught. */
  unhandled(): Promise<readonly string[]>
  end(): Promise<void>
}

const root = join(import.meta.dirname, '../../../..')

/** The program of a version of Node: the running one's, or one that `npm ci --prefix tools/node-versions` brought. `null`: it is not there. */
export function programOf(version: number): string | null {
  if (process.version.startsWith(`v${version}.`)) return process.execPath
  const folder = join(root, `tools/node-versions/node_modules/node-${version}-${process.arch}`)
  const program = join(folder, 'bin/node')
  if (existsSync(program)) return program
  if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`There is no Node ${version}`)
  // biome-ignore lint/suspicious/noConsole: who runs the tests is to know what they did not run.
  console.log(`There is no Node ${version}: npm ci --prefix tools/node-versions brings it.`)
  return null
}

/** For versions that know no types: our own sources in one file, and everything else from where it is. */
export async function bundleHost(): Promise<{ file: string; remove(): void }> {
  const file = join(import.meta.dirname, `.host-${process.pid}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, 'host.process.ts')],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['sojourn-source'],
    logLevel: 'error',
    plugins: [
      {
        name: 'others-stay',
        setup({ onResolve }) {
          onResolve({ filter: /^[^.#/]/ }, ({ path }) =>
            path.startsWith('@sojourn/') ? undefined : { path, external: true },
          )
        },
      },
    ],
  })
  return { file, remove: () => rmSync(file) }
}

export async function startHost(program: string, file: string): Promise<Host> {
  const child = fork(file, { execPath: program, execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
  const [{ version, control, ports }] = await answerOf(child)
  return {
    version,
    ports,
    async control(server, asked = {}) {
      const { text } = await ask(control, '/', { body: JSON.stringify({ server, ...asked }) })
      return JSON.parse(text)
    },
    async unhandled() {
      child.send('unhandled')
      return (await answerOf(child))[0]
    },
    async end() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function answerOf(child: ChildProcess) {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The host ended with ${code}`)
  })
  ended.catch(() => {})
  return Promise.race([once(child, 'message'), ended])
}

/** A response as a client got it. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly cookies: readonly string[]
}

export interface Asked {
  readonly cookie?: string | undefined
  readonly method?: string
  readonly body?: string
}

/** Asks by HTTP/1.1. */
export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const { cookie, body, method = body === undefined ? 'GET' : 'POST' } = asked
  const headers = { ...(cookie && { cookie }) }
  const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  asking.end(body)
  const [response] = await once(asking, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const { statusCode: status, headers: got } = response
  return { status, text, headers: got, cookies: got['set-cookie'] ?? [] }
}

/** Asks by HTTP/2. */
export async function ask2(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const { cookie, method = 'GET' } = asked
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({ ':path': path, ':method': method, ...(cookie && { cookie }) })
    stream.end()
    const [got] = await once(stream, 'response')
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += chunk
    return { status: got[':status'], text, headers: got, cookies: [got['set-cookie'] ?? []].flat() }
  } finally {
    session.close()
  }
}
