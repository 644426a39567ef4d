import type { Browser } from '@sojourn/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RunningWorker, runWorker } from '../../testing/src/worker.ts'

const cookieName = '__Host-id'
const DAY = 86_400_000

let worker: RunningWorker
beforeAll(async () => {
  worker = await runWorker('worker-kv')
})
afterAll(() => worker.close())

async function textOf(visitor: Browser, path: string): Promise<string> {
  return (await visitor.get(path)).text()
}

/** What the store holds, as the kinds of its keys. */
async function kept(): Promise<string[]> {
  const { SESSIONS_KV } = await worker.bound.getEnv()
  const { keys } = await SESSIONS_KV.list()
  return keys.map(({ name }: { name: string }) => name.split(':')[1]).sort()
}

describe('a visitor who stores nothing', () => {
  beforeEach(() => worker.reset())

  it('gets no cookie, and leaves nothing in the store', async () => {
    const visitor = worker.visitor()
    for (const path of ['/', '/pieces/a-minute', '/later', '/settings', '/nowhere']) {
      expect((await visitor.get(path)).headers.getSetCookie()).toEqual([])
    }
    await visitor.post('/forget', {})
    expect(visitor.cookies).toEqual([])
    expect(await kept()).toEqual([])
    expect(worker.logs()).toEqual([])
    expect(await textOf(visitor, '/settings')).toContain('Nothing. A session begins')
  })

  it('is still one who saves the settings as they are for everybody, or removes what is not there', async () => {
    const visitor = worker.visitor()
    await visitor.post('/settings', { theme: 'auto', text: 'normal' })
    await visitor.post('/later', { remove: 'a-minute' })
    await visitor.post('/later', { save: 'no-such-piece' })
    expect(visitor.cookies).toEqual([])
    expect(await kept()).toEqual([])
  })
})

describe('the first thing that is saved', () => {
  beforeEach(() => worker.reset())

  it('begins a session, with a cookie for this host and https only that survives the browser', async () => {
    const visitor = worker.visitor()
    await visitor.post('/later', { save: 'a-minute' })
    expect(await kept()).toEqual(['record'])
    expect(visitor.refused).toEqual([])
    const [cookie] = visitor.cookies
    expect(visitor.cookies).toHaveLength(1)
    expect(cookie).toMatchObject({
      name: cookieName,
      path: '/',
      hostOnly: true,
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
    })
    expect(((cookie?.expiresAt ?? 0) - Date.now()) / DAY).toBeCloseTo(180, 1)
    visitor.restart()
    expect(await textOf(visitor, '/later')).toContain('A minute is a long time')
  })
})

describe('the reading list', () => {
  it('keeps each piece once, in the order of saving, until it is removed', async () => {
    const visitor = worker.visitor()
    for (const save of ['forgetting', 'a-minute', 'forgetting']) {
      await visitor.post('/later', { save })
    }
    const titles = async () =>
      Array.from((await textOf(visitor, '/later')).matchAll(/"\/pieces\/([^"]+)"/g), ([, id]) => id)
    expect(await titles()).toEqual(['a-minute', 'forgetting'])
    await visitor.post('/later', { remove: 'a-minute' })
    expect(await titles()).toEqual(['forgetting'])
    await visitor.post('/later', { remove: 'forgetting' })
    expect(await textOf(visitor, '/later')).toContain('Nothing yet')
  })

  it('knows no piece that there is not', async () => {
    const visitor = worker.visitor()
    expect(await visitor.post('/later', { save: '__proto__' })).toMatchObject({ status: 404 })
    expect(await visitor.get('/pieces/__proto__')).toMatchObject({ status: 404 })
  })
})

describe('the settings', () => {
  it('hold on every page, and for this visitor only', async () => {
    const [visitor, other] = [worker.visitor(), worker.visitor()]
    await visitor.post('/settings', { theme: 'dark', text: 'large' })
    for (const path of ['/', '/pieces/a-minute', '/later', '/nowhere']) {
      expect(await textOf(visitor, path)).toContain('data-theme="dark" data-text="large"')
      expect(await textOf(other, path)).toContain('data-theme="auto" data-text="normal"')
    }
  })

  it('take back what was set, and nothing that is none of theirs', async () => {
    const visitor = worker.visitor()
    await visitor.post('/settings', { theme: 'light', text: 'normal' })
    await visitor.post('/settings', { theme: '"><script>', text: 'huge' })
    expect(await textOf(visitor, '/')).toContain('data-theme="auto" data-text="normal"')
  })
})

describe('forgetting', () => {
  beforeEach(() => worker.reset())

  it('ends the session on the server, and takes the cookie away', async () => {
    const visitor = worker.visitor()
    await visitor.post('/later', { save: 'a-minute' })
    const copy = worker.visitor()
    copy.setCookie(`${cookieName}=${visitor.cookie(cookieName)?.value}; Secure; Path=/`)
    expect(await textOf(copy, '/later')).toContain('A minute is a long time')

    await visitor.post('/forget', {})
    expect(visitor.cookies).toEqual([])
    expect(await textOf(copy, '/later')).toContain('Nothing yet')
    // What keeps a writer that lags from bringing it back.
    expect(await kept()).toEqual(['ended'])
  })
})

describe('a forged cookie', () => {
  beforeEach(() => worker.reset())

  it('gives a fresh anonymous page, and never reaches the store', async () => {
    const visitor = worker.visitor()
    await visitor.post('/later', { save: 'a-minute' })
    const [random, , mac] = visitor.cookie(cookieName)?.value.split('.') ?? []
    // Whoever reads this record fails: it is of a format of the future.
    const { SESSIONS_KV } = await worker.bound.getEnv()
    const { keys } = await SESSIONS_KV.list({ prefix: 'sojourn:record:' })
    const { value, metadata } = await SESSIONS_KV.getWithMetadata(keys[0].name)
    const future = JSON.stringify({ ...JSON.parse(value), format: 2 })
    await SESSIONS_KV.put(keys[0].name, future, { metadata })
    worker.logs()

    for (const forged of [`${random}.1.${mac}`, `${random}.0.${mac?.replace(/.$/, '!')}`, 'x']) {
      visitor.setCookie(`${cookieName}=${forged}; Secure; Path=/`)
      const page = await visitor.get('/later')
      expect(page.status).toBe(200)
      expect(page.headers.getSetCookie()).toEqual([])
      expect(await page.text()).toContain('Nothing yet')
    }
    expect(worker.logs()).toEqual(Array(3).fill('rejected null'))

    visitor.setCookie(`${cookieName}=${random}.0.${mac}; Secure; Path=/`)
    expect(await visitor.get('/later')).toMatchObject({ status: 500 })
  })
})

describe('a form from elsewhere', () => {
  it('is refused', async () => {
    const visitor = worker.visitor()
    await visitor.post('/later', { save: 'a-minute' })
    const headers = { origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site' }
    for (const path of ['/later', '/settings', '/forget']) {
      const form = { remove: 'a-minute', theme: 'dark' }
      expect(await visitor.post(path, form, { headers })).toMatchObject({ status: 403 })
    }
    expect(await textOf(visitor, '/later')).toContain('A minute is a long time')
  })
})

describe('a page', () => {
  it('is kept by no shared cache, runs no script and shows in no frame', async () => {
    const { headers } = await worker.visitor().get('/')
    expect(headers.get('cache-control')).toBe('private, no-cache')
    expect(headers.get('vary')).toBe('Cookie')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('content-security-policy')).not.toContain('script')
  })
})
