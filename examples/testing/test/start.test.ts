import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { browser } from '@sojourn/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Started, start } from '../src/start.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

const examples = [
  {
    example: 'worker-durable-object',
    bindings: ['env.SESSIONS (SessionObject)', 'env.SUBJECTS (SubjectObject)'],
    form: ['/berth', { train: 'rome' }],
    page: '/',
    shows: 'You hold a berth to Rome',
  },
  {
    example: 'worker-kv',
    bindings: ['env.SESSIONS_KV'],
    form: ['/later', { save: 'forgetting' }],
    page: '/later',
    shows: 'Forgetting is work',
  },
] as const

let scratch: string
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sojourn-start-'))
})
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
})

describe.each(examples)('npm start -w examples/$example', ({ example, form, page, shows }) => {
  let started: Started | undefined
  afterEach(async () => {
    await started?.stop()
    started = undefined
  })

  it('prints an address that answers, and ends with all that it started on SIGTERM', async () => {
    started = await start(example, scratch, '--persist-to', scratch)
    const { address } = started
    expect(await fetch(address)).toMatchObject({ status: 200 })
    expect(await started.stop()).toBe(0)
    await expect(fetch(address)).rejects.toThrow()
  })

  it('keeps sessions from one start to the next', async () => {
    started = await start(example, scratch, '--persist-to', scratch)
    const first = started.address
    const visitor = browser((request) => fetch(request), { origin: first })
    const [path, fields] = form
    expect(await visitor.post(path, fields)).toMatchObject({ status: 303 })
    expect(await started.stop()).toBe(0)

    started = await start(example, scratch, '--persist-to', scratch)
    const again = await visitor.get(new URL(page, started.address))
    expect(await again.text()).toContain(shows)
  })
})

describe.each(examples)('start.mjs of $example', ({ example }) => {
  const script = join(root, 'examples', example, 'start.mjs')
  const variables = () => readFileSync(join(scratch, '.dev.vars'), 'utf8')

  /** Runs it in an empty folder, where `wrangler` prints what it was asked. */
  async function startWith(env: Record<string, string>, ...options: string[]): Promise<string> {
    const wrangler = join(scratch, 'wrangler')
    writeFileSync(wrangler, '#!/bin/sh\necho "$@"\nexit $EXIT\n')
    chmodSync(wrangler, 0o755)
    const { PORT: _, PATH: path, ...rest } = process.env
    const ran = await run(process.execPath, [script, ...options], {
      cwd: scratch,
      env: { ...rest, PATH: `${scratch}${delimiter}${path}`, ...env },
    })
    return ran.stdout.trim()
  }

  it('makes a secret of 32 random bytes on the first start, for nobody else to read, and keeps it', async () => {
    await startWith({})
    const first = variables()
    const [, secret = ''] = /^SESSION_SECRET=(\S+)\n$/.exec(first) ?? []
    expect(Buffer.from(secret, 'base64')).toHaveLength(32)
    expect(statSync(join(scratch, '.dev.vars')).mode & 0o077).toBe(0)
    await startWith({})
    expect(variables()).toBe(first)

    rmSync(join(scratch, '.dev.vars'))
    await startWith({})
    expect(variables()).not.toBe(first)
  })

  it('passes on the port and what else was asked', async () => {
    expect(await startWith({})).toBe('dev')
    expect(await startWith({ PORT: '4321' }, '--persist-to', 'x')).toBe(
      'dev --port 4321 --persist-to x',
    )
  })

  it('ends as wrangler does', async () => {
    await expect(startWith({ EXIT: '3' })).rejects.toMatchObject({ code: 3 })
  })
})

describe.each(examples)('wrangler.jsonc of $example', ({ example, bindings }) => {
  it('is all that a deployment needs, but for the secret', async () => {
    const { stdout, stderr } = await run(
      'npx',
      ['wrangler', 'deploy', '--dry-run', '--outdir', scratch],
      {
        cwd: join(root, 'examples', example),
        env: {
          ...process.env,
          HOME: scratch,
          WRANGLER_BUILD_CONDITIONS: 'sojourn-source,workerd,worker,browser',
          WRANGLER_HIDE_BANNER: 'true',
          WRANGLER_SEND_METRICS: 'false',
        },
      },
    )
    for (const binding of bindings) expect(stdout).toContain(binding)
    expect(stdout + stderr).not.toMatch(/warning|error/i)
  })
})
