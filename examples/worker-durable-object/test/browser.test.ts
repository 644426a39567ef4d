import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from '../../testing/src/chromium.ts'
import { type Devices, startDevices } from '../../testing/src/devices.ts'
import { type RunningWorker, runWorker } from '../../testing/src/worker.ts'

describe.runIf(hasChromium())('the railway in Chromium', () => {
  let devices: Devices
  let worker: RunningWorker

  beforeAll(async () => {
    devices = await startDevices()
    worker = await runWorker('worker-durable-object')
  })
  afterAll(async () => {
    await devices?.end()
    await worker?.close()
  })
  afterEach(async () => {
    expect(await devices.close()).toEqual([])
  })

  async function open(path: string, options?: BrowserContextOptions): Promise<Page> {
    return devices.open(`${await worker.address()}${path}`, options)
  }

  async function signIn(page: Page, remember = false) {
    await page.goto('/sign-in')
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password').fill('moonrise')
    await page.getByLabel('Remember me').setChecked(remember)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('/account')
  }

  async function cookieOf(page: Page) {
    const cookies = await page.context().cookies()
    return cookies.find(({ name }) => name === '__Host-id')
  }

  it('has its cookie kept, out of reach of scripts, once a berth is held', async () => {
    const page = await open('/')
    expect(await cookieOf(page)).toBeUndefined()
    await page.getByRole('button', { name: 'Hold a berth to Rome' }).click()
    await page.getByRole('heading', { name: 'You hold a berth to Rome' }).waitFor()
    expect(await cookieOf(page)).toMatchObject({
      domain: 'localhost',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      expires: -1,
    })
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })

  it('keeps the berth through signing in, and lets it go when asked to', async () => {
    const page = await open('/')
    await page.getByRole('button', { name: 'Hold a berth to Vienna' }).click()
    await signIn(page)
    await page.getByRole('heading', { name: 'You hold a berth to Vienna' }).waitFor()
    await page.getByRole('button', { name: 'Let it go' }).click()
    await page.getByRole('button', { name: 'Hold a berth to Vienna' }).waitFor()
    expect(await page.getByText('You hold a berth').count()).toBe(0)
  })

  it('refuses, on another device, the cookie from before the sign-in', async () => {
    const page = await open('/')
    await page.getByRole('button', { name: 'Hold a berth to Rome' }).click()
    const old = await cookieOf(page)
    await signIn(page)
    const thief = await open('/')
    if (old) await thief.context().addCookies([old])
    await thief.goto('/account')
    expect(new URL(thief.url()).pathname).toBe('/sign-in')
    expect(await thief.getByText('You hold a berth').count()).toBe(0)
  })

  it('lets one device end the session of another', async () => {
    await worker.reset()
    const desk = await open('/')
    const phone = await open('/', { userAgent: 'Mozilla/5.0 (iPhone) Mobile/15E148 Safari/604.1' })
    await signIn(phone)
    await signIn(desk)
    await desk.getByRole('button', { name: 'End this one (Safari on iPhone)' }).click()
    await expect.poll(() => desk.locator('.device').count()).toBe(1)
    await phone.reload()
    expect(new URL(phone.url()).pathname).toBe('/sign-in')
    await desk.reload()
    expect(new URL(desk.url()).pathname).toBe('/account')
  })

  it('lets one device end all others', async () => {
    await worker.reset()
    const [desk, ...others] = [await open('/'), await open('/'), await open('/')]
    for (const page of [...others, desk]) await signIn(page)
    expect(await desk.locator('.device').count()).toBe(3)
    await desk.getByRole('button', { name: 'End all others' }).click()
    await expect.poll(() => desk.locator('.device').count()).toBe(1)
    for (const page of others) {
      await page.reload()
      expect(new URL(page.url()).pathname).toBe('/sign-in')
    }
  })

  it('remembers across restarts who asked for it', async () => {
    const page = await open('/')
    await signIn(page, true)
    const days = ((await cookieOf(page))?.expires ?? 0) / 86_400 - Date.now() / 86_400_000
    expect(days).toBeCloseTo(14, 1)
  })

  it('takes the cookie away when signing out, and shows nothing private on the way back', async () => {
    const page = await open('/')
    await signIn(page)
    await page.getByRole('link', { name: 'Halfmoon' }).click()
    await page.getByRole('link', { name: 'Ada' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    // The load event waits for the picture, and with it for what the picture does.
    await page.waitForURL('/signed-out')
    expect(await cookieOf(page)).toBeUndefined()
    for (let step = 0; step < 4; step++) {
      await page.goBack()
      expect(await page.locator('body').innerText()).not.toContain('Ada')
    }
  })

  it('works without scripts', async () => {
    const page = await open('/', { javaScriptEnabled: false })
    await page.getByRole('button', { name: 'Hold a berth to Barcelona' }).click()
    await signIn(page)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  it.each([390, 1280])('fits a window of %i pixels', async (width) => {
    const page = await open('/', { viewport: { width, height: 800 } })
    await page.getByRole('button', { name: 'Hold a berth to Copenhagen' }).click()
    const other = await open('/')
    await signIn(other)
    await signIn(page)
    for (const path of ['/', '/account', '/signed-out']) {
      await page.goto(path)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(width)
    }
  })
})
