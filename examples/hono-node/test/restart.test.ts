import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { browser } from '@sojourn/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { people } from './visitor.ts'

const script = join(import.meta.dirname, '../src/server.ts')

describe('a shop that was killed and starts again', () => {
  let data: string
  let server: ChildProcess
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'sojourn-shop-'))
  })
  afterEach(async () => {
    await end('SIGTERM')
    rmSync(data, { recursive: true, force: true })
  })

  async function start(): Promise<string> {
    server = spawn(process.execPath, ['--conditions=sojourn-source', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PORT: '0', DATA: data },
    })
    for await (const part of server.stdout ?? []) {
      const [address] = /http:\/\/localhost:\d+/.exec(String(part)) ?? []
      if (address) return address
    }
    throw new Error('The shop did not open')
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (server.exitCode !== null || server.signalCode !== null) return server.exitCode
    const ended = once(server, 'exit')
    server.kill(signal)
    const [code] = await ended
    return code
  }

  it('still knows who is signed in, and what is in the cart', async () => {
    const first = await start()
    const visitor = browser((request) => fetch(request), { origin: first })
    await visitor.post('/cart', { product: 'moth', by: '2' })
    expect(await visitor.post('/sign-in', people.ada)).toMatchObject({ status: 303 })
    await end('SIGKILL')

    const second = await start()
    const account = await visitor.get(new URL('/account', second))
    expect(account.status).toBe(200)
    expect(await (await visitor.get(new URL('/cart', second))).text()).toContain('€ 76')
    expect(statSync(join(data, 'secret')).mode & 0o077).toBe(0)
  })

  it('ends by itself when it is told to', async () => {
    await start()
    expect(await end('SIGTERM')).toBe(0)
  })
})
