import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from '../../testing/src/chromium.ts'
import { type Devices, startDevices } from '../../testing/src/devices.ts'
import { type Started, start } from '../../testing/src/start.ts'

describe.runIf(hasChromium())('the wall in Chromium', () => {
  const home = mkdtempSync(join(tmpdir(), 'sojourn-wall-'))
  let devices: Devices
  let started: Started
  beforeAll(async () => {
    process.env['DATA'] = join(home, 'wall.db')
    started = await start('node-http', home)
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

  async function comeIn(name: string) {
    const page = await devices.open(started.address)
    await page.getByLabel('Your name').fill(name)
    await page.getByRole('button', { name: 'Come in' }).click()
    await page.getByText(`You are ${name}.`).waitFor()
    return page
  }

  it('shows what one writes to the others as it is written, whatever it is', async () => {
    const [ada, grace] = [await comeIn('Ada'), await comeIn('Grace')]
    await ada.getByLabel('Your note').fill('<b>hello</b> & good morning')
    await ada.getByRole('button', { name: 'Write' }).click()
    await grace.getByText('<b>hello</b> & good morning').waitFor()
    await grace.reload()
    await grace.getByText('<b>hello</b> & good morning').waitFor()
  })

  it('ends every stream of somebody who signs out everywhere, and nobody else’s', async () => {
    const desk = await comeIn('Linus')
    const phone = await comeIn('Linus')
    const other = await comeIn('Grace')
    await desk.getByRole('button', { name: 'Sign out everywhere' }).click()
    // The phone is told by its stream, and asks for the page again.
    await phone.getByRole('button', { name: 'Come in' }).waitFor()
    expect(await phone.context().cookies()).toHaveLength(1)
    await other.getByText('You are Grace.').waitFor()
    await other.getByLabel('Your note').fill('still here')
    await other.getByRole('button', { name: 'Write' }).click()
    await other.getByText('still here').first().waitFor()
  })
})
