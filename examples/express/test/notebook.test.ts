import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@sojourn/core'
import sojourn from '@sojourn/node/express-session'
import type { RequestHandler } from 'express'
import former, { MemoryStore } from 'express-session'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { hasChromium } from '../../testing/src/chromium.ts'
import { type Devices, startDevices } from '../../testing/src/devices.ts'
import { type Started, start } from '../../testing/src/start.ts'
import { createNotebook } from '../src/app.ts'

const secret = 'what the application has always signed with'
const rest = { secret, resave: false, saveUninitialized: false }

/** The notebook on some sessions, for one visitor with a jar. */
async function open(session: unknown, jar: { cookie: string }) {
  const server = createNotebook(session as RequestHandler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return async (path: string, form?: Record<string, string>): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: 'manual',
      headers: { cookie: jar.cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    const [set] = response.headers.getSetCookie()
    if (set) jar.cookie = set.split(';', 1)[0] ?? ''
    return response.text()
  }
}

describe('the notebook', () => {
  it('moves from express-session to Sojourn, and its visitor stays signed in', async () => {
    const jar = { cookie: '' }
    const store = new MemoryStore()
    const before = await open(former({ ...rest, store }), jar)
    await before('/sign-in', { name: 'Ada' })
    await before('/notes', { text: 'written before' })
    const old = jar.cookie
    expect(await before('/')).toContain('written before')

    const after = await open(
      sojourn({ ...rest, store: memoryStore(), previous: { store: store as never } }),
      jar,
    )
    const page = await after('/')
    expect(page).toContain('This is Ada’s.')
    expect(page).toContain('written before')
    expect(jar.cookie).not.toBe(old)
    await after('/notes', { text: 'written after' })
    expect(await after('/')).toContain('written after')
    await after('/sign-out', {})
    expect(await after('/')).not.toContain('Ada')
  })
})

describe.runIf(hasChromium())('the notebook in Chromium', () => {
  const home = mkdtempSync(join(tmpdir(), 'sojourn-notebook-'))
  let devices: Devices
  let started: Started
  beforeAll(async () => {
    started = await start('express', home)
    devices = await startDevices()
  })
  afterAll(async () => {
    await devices?.end()
    await started?.stop()
    rmSync(home, { recursive: true, force: true })
  })
  afterEach(async () => {
    expect(await devices.close()).toEqual([])
  })

  it('greets once, keeps notes, and forgets them at sign-out', async () => {
    const page = await devices.open(started.address)
    await page.getByLabel('Your name').fill('Ada <3')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Welcome, Ada <3').waitFor()
    await page.getByLabel('A note').fill('buy lamp oil')
    await page.getByRole('button', { name: 'Write' }).click()
    await page.getByText('buy lamp oil').waitFor()
    expect(await page.getByText('Welcome').count()).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Your name').waitFor()
    expect(await page.context().cookies()).toEqual([])
  })
})
