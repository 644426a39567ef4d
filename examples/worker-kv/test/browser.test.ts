import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from '../../testing/src/chromium.ts'
import { type Devices, startDevices } from '../../testing/src/devices.ts'
import { type RunningWorker, runWorker } from '../../testing/src/worker.ts'

describe.runIf(hasChromium())('the magazine in Chromium', () => {
  let devices: Devices
  let worker: RunningWorker

  beforeAll(async () => {
    devices = await startDevices()
    worker = await runWorker('worker-kv')
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

  async function set(page: Page, ...labels: string[]) {
    await page.goto('/settings')
    for (const label of labels) await page.getByLabel(label, { exact: true }).check()
    await page.getByRole('button', { name: 'Save settings' }).click()
    await page.getByRole('button', { name: 'Forget me' }).waitFor()
  }

  function paperOf(page: Page): Promise<string> {
    return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  }

  it('lets people read without a cookie, and says so', async () => {
    const page = await open('/')
    await page.getByRole('link', { name: 'A minute is a long time' }).click()
    await page.getByRole('link', { name: 'For later' }).click()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByText('Nothing. A session begins').waitFor()
    expect(await page.context().cookies()).toEqual([])
  })

  it('keeps a reading list beyond the browser, out of reach of scripts', async () => {
    const page = await open('/pieces/forgetting')
    await page.getByRole('button', { name: 'Save for later' }).click()
    await page.getByRole('button', { name: 'Remove' }).waitFor()
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({
      name: '__Host-id',
      domain: 'localhost',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    })
    expect((cookie?.expires ?? 0) / 86_400 - Date.now() / 86_400_000).toBeCloseTo(180, 1)
    expect(await page.evaluate(() => document.cookie)).toBe('')

    // The same person's browser, closed and opened again.
    const again = await open('/', { storageState: await page.context().storageState() })
    await again.getByRole('link', { name: 'For later' }).click()
    await again.getByRole('button', { name: 'Remove “Forgetting is work”' }).click()
    await again.getByText('Nothing yet').waitFor()
  })

  it('shows itself in the colours and the size that were chosen, on this device only', async () => {
    const [reader, other] = [await open('/'), await open('/')]
    const light = await paperOf(reader)
    await set(reader, 'Dark', 'Large')
    await reader.goto('/')
    expect(await paperOf(reader)).not.toBe(light)
    const size = (page: Page) =>
      page.evaluate(() => getComputedStyle(document.documentElement).fontSize)
    expect(await size(reader)).toBe('20px')

    await other.reload()
    expect(await paperOf(other)).toBe(light)
    expect(await size(other)).toBe('16px')
  })

  it('follows the device until somebody chooses', async () => {
    const [day, night] = [await open('/'), await open('/', { colorScheme: 'dark' })]
    const light = await paperOf(day)
    expect(await paperOf(night)).not.toBe(light)
    await set(night, 'Light')
    expect(await paperOf(night)).toBe(light)
  })

  it('forgets who asks for it, here and where the cookie was copied to', async () => {
    const page = await open('/')
    await set(page, 'Dark')
    const copy = await open('/', { storageState: await page.context().storageState() })
    expect(await copy.locator('html').getAttribute('data-theme')).toBe('dark')

    await page.getByRole('button', { name: 'Forget me' }).click()
    await page.getByText('Nothing. A session begins').waitFor()
    expect(await page.context().cookies()).toEqual([])
    await copy.reload()
    expect(await copy.locator('html').getAttribute('data-theme')).toBe('auto')
  })

  it('says that KV may be late', async () => {
    const page = await open('/settings')
    const late = page.getByRole('region', { name: 'It may take a minute' })
    expect(await late.innerText()).toMatch(/other places up to about a minute later/)
    expect(await late.innerText()).toContain('Forget me')
  })

  it('works without scripts', async () => {
    const page = await open('/pieces/a-minute', { javaScriptEnabled: false })
    await page.getByRole('button', { name: 'Save for later' }).click()
    await set(page, 'Dark')
    await page.getByRole('button', { name: 'Forget me' }).click()
    await page.getByText('Nothing. A session begins').waitFor()
  })

  it.each([390, 1280])('fits a window of %i pixels, in large text', async (width) => {
    const page = await open('/pieces/never-there', { viewport: { width, height: 800 } })
    await page.getByRole('button', { name: 'Save for later' }).click()
    await set(page, 'Large')
    for (const path of ['/', '/pieces/a-minute', '/later', '/settings']) {
      await page.goto(path)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(width)
    }
  })
})
