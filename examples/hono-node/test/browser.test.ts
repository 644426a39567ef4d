import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { SessionEvent } from '@sojourn/core'
import { type Clock, clock as startClock } from '@sojourn/core/testing'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasChromium, launchChromium } from '../../testing/src/chromium.ts'
import { createApp } from '../src/app.ts'
import { people } from './visitor.ts'

describe.runIf(hasChromium())('the shop in Chromium', () => {
  let chromium: Browser
  let server: ServerType
  let shop: string
  let clock: Clock
  let events: SessionEvent[]
  let complaints: string[]
  const contexts: BrowserContext[] = []

  beforeAll(async () => {
    chromium = await launchChromium()
  })
  afterAll(() => chromium?.close())

  beforeEach(async () => {
    clock = startClock(Date.now())
    events = []
    complaints = []
    const app = createApp({ clock, onEvent: (event) => void events.push(event) })
    server = createAdaptorServer({ fetch: app.fetch })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    shop = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close()
    server.close()
    // A refused script, style or picture is among these, too.
    expect(complaints).toEqual([])
  })

  /** A browser of its own, with a page open at a path. */
  async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await chromium.newContext({ baseURL: shop, ...options })
    contexts.push(context)
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    page.on('console', (message) => {
      if (message.type() !== 'info') complaints.push(`${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => void complaints.push(error.message))
    await page.goto(path)
    return page
  }

  async function signIn(page: Page, { name, password }: (typeof people)['ada' | 'grace']) {
    await page.goto('/sign-in')
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('/account')
  }

  async function signOut(page: Page) {
    await page.getByRole('button', { name: 'Sign out' }).click()
    // The load event waits for the picture, and with it for what the picture does.
    await page.waitForURL('/signed-out')
  }

  async function cookieOf(page: Page) {
    const cookies = await page.context().cookies()
    return cookies.find(({ name }) => name === '__Host-id')
  }

  /** The panel's card about the request before this page's. */
  function before(page: Page) {
    return page.locator('.request').nth(1)
  }

  it('has its cookie kept, out of reach of scripts, on plain http://localhost', async () => {
    const page = await visit('/')
    expect(await cookieOf(page)).toBeUndefined()
    await page.getByRole('button', { name: 'Add Moth' }).click()
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

  it('keeps the cart through signing in', async () => {
    const page = await visit('/')
    await page.getByRole('button', { name: 'Add Moth' }).click()
    await page.getByRole('button', { name: 'Add Hearth' }).click()
    await signIn(page, people.ada)
    await page.getByRole('link', { name: 'Cart' }).click()
    expect(await page.locator('.line h2').allTextContents()).toEqual(['Moth', 'Hearth'])
  })

  it('changes quantities, and removes', async () => {
    const page = await visit('/')
    await page.getByRole('button', { name: 'Add Moth' }).click()
    await page.getByRole('link', { name: 'Cart' }).click()
    await page.getByRole('button', { name: 'One Moth more' }).click()
    await expect.poll(() => page.locator('.line .price').textContent()).toBe('€ 76')
    await page.getByRole('button', { name: 'One Moth less' }).click()
    await expect.poll(() => page.locator('.line .price').textContent()).toBe('€ 38')
    await page.getByRole('button', { name: 'Remove Moth' }).click()
    await page.getByText('Nothing in it yet').waitFor()
  })

  it('tells what it did: nothing, one create, one conditional write, one delete', async () => {
    const page = await visit('/')
    const card = page.locator('.request').first()
    expect(await card.innerText()).toContain('No store operations')
    await page.getByRole('button', { name: 'Add Moth' }).click()
    expect(await before(page).innerText()).toMatch(/POST \/cart.*1 store operation\b.*create/s)
    await signIn(page, people.ada)
    expect(await before(page).innerText()).toMatch(/POST \/sign-in.*read.*update.*signed-in/s)
    await signOut(page)
    expect(await before(page).innerText()).toMatch(/POST \/sign-out.*delete.*taken away/s)
  })

  it('refuses the cookie from before the sign-in, and reports who still has it', async () => {
    const page = await visit('/')
    await page.getByRole('button', { name: 'Add Moth' }).click()
    const old = await cookieOf(page)
    await signIn(page, people.ada)
    clock.advance(60)

    const thief = await visit('/')
    if (old) await thief.context().addCookies([old])
    await thief.goto('/account')
    expect(new URL(thief.url()).pathname).toBe('/sign-in')
    expect(await thief.getByRole('link', { name: 'Cart' }).innerText()).toContain('0')
    const replay = events.find(({ type }) => type === 'replayed')
    expect(replay).toMatchObject({ generation: 0, settling: false, subject: 'ada' })
    expect(await page.goto('/account').then((response) => response?.status())).toBe(200)
  })

  it('lets one browser end the session of another', async () => {
    const desk = await visit('/')
    const phone = await visit('/', { userAgent: 'Mozilla/5.0 (iPhone) Mobile/15E148 Safari/604.1' })
    await signIn(phone, people.ada)
    await signIn(desk, people.ada)
    await desk
      .getByRole('listitem')
      .filter({ hasText: 'Safari on iPhone' })
      .getByRole('button', { name: 'End this one' })
      .click()
    await expect.poll(() => desk.locator('.device').count()).toBe(1)
    await phone.reload()
    expect(new URL(phone.url()).pathname).toBe('/sign-in')
    await desk.reload()
    expect(new URL(desk.url()).pathname).toBe('/account')
  })

  it('lets one browser end all others', async () => {
    const desk = await visit('/')
    const others = [await visit('/'), await visit('/')]
    for (const page of [desk, ...others]) await signIn(page, people.ada)
    await desk.reload()
    await desk.getByRole('button', { name: 'End all others' }).click()
    await expect.poll(() => desk.locator('.device').count()).toBe(1)
    for (const page of others) {
      await page.reload()
      expect(new URL(page.url()).pathname).toBe('/sign-in')
    }
  })

  it('takes the cookie away when signing out, and shows nothing private on the way back', async () => {
    const page = await visit('/')
    await signIn(page, people.ada)
    await page.getByRole('link', { name: 'Lanternfield' }).click()
    await page.getByRole('link', { name: 'Ada' }).click()
    await signOut(page)
    expect(await cookieOf(page)).toBeUndefined()
    for (let step = 0; step < 4; step++) {
      await page.goBack()
      expect(await page.locator('body').innerText()).not.toContain('Ada')
    }
  })

  it('shows nothing private on the way back from a short visit either', async () => {
    const page = await visit('/')
    await signIn(page, people.ada)
    await signOut(page)
    await page.goBack()
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    expect(await page.locator('body').innerText()).not.toContain('Ada')
  })

  it('remembers across restarts who asked for it', async () => {
    const page = await visit('/sign-in')
    await page.getByLabel('Remember me').check()
    await page.getByLabel('Name').fill('grace')
    await page.getByLabel('Password').fill('nanosecond')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('/account')
    const days = ((await cookieOf(page))?.expires ?? 0) / 86_400 - Date.now() / 86_400_000
    expect(days).toBeCloseTo(14, 1)
  })

  it('works without scripts', async () => {
    const page = await visit('/', { javaScriptEnabled: false })
    await page.getByRole('button', { name: 'Add Beacon' }).click()
    await signIn(page, people.grace)
    await page.getByRole('link', { name: 'Cart' }).click()
    await page.getByRole('button', { name: 'One Beacon more' }).click()
    await page.getByText('€ 90').first().waitFor()
    await page.getByRole('link', { name: 'Grace' }).click()
    await signOut(page)
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
  })

  it('lets the deadlines tick where scripts may run', async () => {
    const page = await visit('/')
    await page.getByRole('button', { name: 'Add Beacon' }).click()
    const idle = page.locator('time[data-left]').first()
    const start = await idle.innerText()
    await expect.poll(() => idle.innerText(), { timeout: 5000 }).not.toBe(start)
    expect(await idle.innerText()).toMatch(/^29 min \d+ s$/)
  })

  it('fits a phone of 360 pixels', async () => {
    const page = await visit('/', { viewport: { width: 360, height: 740 } })
    await page.getByRole('button', { name: 'Add Paper Moon' }).click()
    await signIn(page, people.ada)
    const others = await visit('/')
    await signIn(others, people.ada)
    for (const path of ['/', '/how', '/cart', '/account']) {
      await page.goto(path)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width, path).toBe(360)
    }
    await page.getByRole('button', { name: 'End all others' }).click()
    await signOut(page)
    await page.goto('/sign-in')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  })
})
