import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from '../../testing/src/chromium.ts'
import { type Devices, startDevices } from '../../testing/src/devices.ts'
import { type Started, start } from '../../testing/src/start.ts'
import { createStall } from '../src/stall.ts'

describe('the stall', () => {
  it('counts every click of two at once', async () => {
    const app = createStall()
    const { cookies } = await app.inject({ method: 'POST', url: '/api/cart/Quince' })
    const jar = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
    const click = () => app.inject({ method: 'POST', url: '/api/cart/Quince', cookies: jar })
    await Promise.all(Array.from({ length: 10 }, click))
    const { cart } = (await app.inject({ url: '/api/cart', cookies: jar })).json()
    expect(cart).toEqual({ Quince: 11 })
  })

  it('does not listen to forms of other sites, to bodies without a name, and to nobody about devices', async () => {
    const app = createStall()
    const status = async (options: InjectOptions) => (await app.inject(options)).statusCode
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect(await status({ method: 'POST', url: '/api/cart/Quince', headers })).toBe(403)
    expect(await status({ method: 'POST', url: '/api/sign-in', payload: {} })).toBe(400)
    expect(await status({ url: '/api/devices' })).toBe(401)
    expect(await status({ method: 'POST', url: '/api/cart/__proto__' })).toBe(404)
  })
})

describe.runIf(hasChromium())('the stall in Chromium', () => {
  const home = mkdtempSync(join(tmpdir(), 'sojourn-stall-'))
  let devices: Devices
  let started: Started
  beforeAll(async () => {
    started = await start('fastify', home)
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

  it('keeps the basket through the sign-in, and ends one device from another', async () => {
    const desk = await devices.open(started.address)
    await desk.getByRole('button', { name: 'Take a pound of Quince' }).click()
    await desk.getByText('1 in your basket').waitFor()
    await desk.getByLabel('Your name').fill('Ada')
    await desk.getByRole('button', { name: 'Sign in' }).click()
    await desk.getByText('Where Ada is signed in').waitFor()
    await desk.getByText('1 in your basket').waitFor()
    expect(await desk.evaluate(() => document.cookie)).toBe('')

    const phone = await devices.open(started.address)
    await phone.getByLabel('Your name').fill('Ada')
    await phone.getByRole('button', { name: 'Sign in' }).click()
    await phone.getByRole('button', { name: 'End' }).click()
    await phone.getByRole('button', { name: 'End' }).waitFor({ state: 'detached' })
    await desk.reload()
    await desk.getByText('Who are you?').waitFor()
  })
})
