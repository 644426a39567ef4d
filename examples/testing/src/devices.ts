import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'

/** People's devices: one Chromium, and a profile of its own for each. */
export interface Devices {
  /** A new device, with a page open at an address. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>
  /** Closes them all, and tells what their consoles complained of: a refused style or picture, too. */
  close(): Promise<string[]>
  /** Closes Chromium. */
  end(): Promise<void>
}

export async function startDevices(): Promise<Devices> {
  const chromium: Browser = await launchChromium()
  const contexts: BrowserContext[] = []
  const complaints: string[] = []
  return {
    async open(url, options = {}) {
      const context = await chromium.newContext({ baseURL: new URL(url).origin, ...options })
      contexts.push(context)
      const page = await context.newPage()
      page.setDefaultTimeout(10_000)
      page.on('console', (message) => {
        if (message.type() !== 'info') complaints.push(`${message.type()}: ${message.text()}`)
      })
      page.on('pageerror', (error) => void complaints.push(error.message))
      await page.goto(url)
      return page
    },
    async close() {
      for (const context of contexts.splice(0)) await context.close()
      return complaints.splice(0)
    },
    end: () => chromium.close(),
  }
}
