import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const { CHROMIUM_PATH: executablePath = '/usr/bin/chromium', REQUIRE_SERVICES } = process.env

/** Whether there is a Chromium to test with. Where services are required, there must be one. */
export function hasChromium(): boolean {
  if (existsSync(executablePath)) return true
  if (REQUIRE_SERVICES === '1') throw new Error(`No Chromium at ${executablePath}`)
  console.log(`No Chromium at ${executablePath}: the browser tests are skipped.`)
  return false
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // People have this cache, and it is the one that could bring back a private page.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
