import type { Browser } from '@sojourn/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RunningWorker, runWorker } from '../../testing/src/worker.ts'

const ada = { name: 'ada', password: 'moonrise' }
const grace = { name: 'grace', password: 'sleeper' }
const iphone = { 'user-agent': 'Mozilla/5.0 (iPhone) Mobile/15E148 Safari/604.1' }
const cookieName = '__Host-id'

let worker: RunningWorker
beforeAll(async () => {
  worker = await runWorker('worker-durable-object')
})
afterAll(() => worker.close())

async function textOf(visitor: Browser, path: string): Promise<string> {
  return (await visitor.get(path)).text()
}

async function signedIn(who = ada, init = {}): Promise<Browser> {
  const visitor = worker.visitor()
  await visitor.post('/sign-in', who, init)
  expect(await visitor.get('/account')).toMatchObject({ status: 200 })
  return visitor
}

/** Another browser, with the same cookie. */
function thiefOf(visitor: Browser): Browser {
  const thief = worker.visitor()
  thief.setCookie(`${cookieName}=${visitor.cookie(cookieName)?.value}; Secure; Path=/`)
  return thief
}

async function objects(): Promise<number> {
  const sessions = await worker.bound.listDurableObjectIds('SESSIONS')
  const subjects = await worker.bound.listDurableObjectIds('SUBJECTS')
  return sessions.length + subjects.length
}

async function idsOn(visitor: Browser): Promise<string[]> {
  const page = await textOf(visitor, '/account')
  return Array.from(page.matchAll(/class="id">([^<]+)/g), ([, id = '']) => id)
}

describe('a visitor who stores nothing', () => {
  beforeEach(() => worker.reset())

  it('gets no cookie, and asks no object', async () => {
    const visitor = worker.visitor()
    for (const path of ['/', '/sign-in', '/account', '/signed-out', '/nowhere']) {
      expect((await visitor.get(path)).headers.getSetCookie()).toEqual([])
    }
    await visitor.post('/sign-in', { name: 'ada', password: 'wrong' })
    await visitor.post('/berth', {})
    await visitor.post('/sign-out', {})
    expect(visitor.cookies).toEqual([])
    expect(await objects()).toBe(0)
    expect(worker.logs()).toEqual([])
  })
})

describe('a forged cookie', () => {
  it('gives a fresh anonymous page, and asks no object', async () => {
    const visitor = worker.visitor()
    await visitor.post('/berth', { train: 'rome' })
    const [random, , mac] = visitor.cookie(cookieName)?.value.split('.') ?? []
    await worker.reset()
    worker.logs()

    for (const forged of [`${random}.1.${mac}`, `${random}.0.${mac?.replace(/.$/, '!')}`, 'x']) {
      visitor.setCookie(`${cookieName}=${forged}; Secure; Path=/`)
      const page = await visitor.get('/')
      expect(page.status).toBe(200)
      expect(page.headers.getSetCookie()).toEqual([])
      expect(await page.text()).not.toContain('You hold a berth')
    }
    expect(await objects()).toBe(0)
    expect(worker.logs()).toEqual(Array(3).fill('rejected null null'))

    // A token of ours asks for its session, which went with the reset: so one would have shown.
    visitor.setCookie(`${cookieName}=${random}.0.${mac}; Secure; Path=/`)
    expect(await textOf(visitor, '/')).not.toContain('You hold a berth')
    expect(await objects()).toBe(1)
  })
})

describe('the cookie', () => {
  it('is for this host only, for https only, out of reach of scripts, and ends with the browser', async () => {
    const visitor = worker.visitor()
    await visitor.post('/berth', { train: 'rome' })
    expect(visitor.refused).toEqual([])
    expect(visitor.cookies).toMatchObject([
      {
        name: cookieName,
        path: '/',
        hostOnly: true,
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
        expiresAt: null,
      },
    ])
  })

  it('survives the browser when asked to', async () => {
    const visitor = await signedIn()
    visitor.restart()
    expect(await visitor.get('/account')).toMatchObject({ status: 303 })
    await visitor.post('/sign-in', { ...ada, remember: 'yes' })
    visitor.restart()
    expect(await textOf(visitor, '/account')).toContain('remembered')
  })
})

describe('signing in', () => {
  it('keeps the berth, and replaces the token', async () => {
    const visitor = worker.visitor()
    await visitor.post('/berth', { train: 'rome' })
    const before = visitor.cookie(cookieName)?.value
    const response = await visitor.post('/sign-in', ada)
    expect(response.headers.get('location')).toBe('/account')
    expect(visitor.cookie(cookieName)?.value).not.toBe(before)
    expect(await textOf(visitor, '/account')).toContain('You hold a berth to Rome')
  })

  it('kills the old token', async () => {
    const visitor = worker.visitor()
    await visitor.post('/berth', { train: 'rome' })
    const thief = thiefOf(visitor)
    expect(await textOf(thief, '/')).toContain('You hold a berth to Rome')
    await visitor.post('/sign-in', ada)
    expect((await thief.get('/account')).headers.get('location')).toBe('/sign-in')
    expect(await textOf(thief, '/')).not.toContain('You hold a berth')
    expect(worker.logs().at(-1)).toMatch(/^replayed /)
  })

  it('answers a wrong password and an unknown name alike', async () => {
    const visitor = worker.visitor()
    for (const name of ['ada', 'eve', '"><script>']) {
      const refused = await visitor.post('/sign-in', { name, password: 'wrong' })
      expect(refused.status).toBe(401)
      const page = await refused.text()
      expect(page).toContain('do not belong together')
      expect(page).not.toContain('<script>')
    }
  })
})

describe('signing out', () => {
  it('ends the session on the server, and takes the cookie away', async () => {
    const visitor = await signedIn()
    const thief = thiefOf(visitor)
    await visitor.post('/sign-out', {})
    expect(visitor.cookies).toEqual([])
    expect(await thief.get('/account')).toMatchObject({ status: 303 })
  })
})

describe('the account page', () => {
  beforeEach(() => worker.reset())

  it('lists where this person is signed in, and nobody else', async () => {
    const desk = await signedIn()
    await signedIn(ada, { headers: iphone })
    await signedIn(grace)
    const page = await textOf(desk, '/account')
    expect(page.match(/class="device"/g)).toHaveLength(2)
    expect(page).toContain('Safari on iPhone')
  })

  it('ends one, at once, and leaves the others', async () => {
    const [desk, phone, tablet] = [await signedIn(), await signedIn(), await signedIn()]
    const [, other = ''] = await idsOn(desk)
    await desk.post('/account/end', { id: other })
    const alive = await Promise.all([desk, phone, tablet].map((one) => one.get('/account')))
    expect(alive.map(({ status }) => status).sort()).toEqual([200, 200, 303])
    expect(await idsOn(desk)).toHaveLength(2)
  })

  it('ends all others, and leaves this one', async () => {
    const [desk, phone, tablet] = [await signedIn(), await signedIn(), await signedIn()]
    await desk.post('/account/end-others', {})
    expect(await phone.get('/account')).toMatchObject({ status: 303 })
    expect(await tablet.get('/account')).toMatchObject({ status: 303 })
    expect(await idsOn(desk)).toHaveLength(1)
  })

  it('ends no session of somebody else', async () => {
    const [mine, theirs] = [await signedIn(ada), await signedIn(grace)]
    const [id = ''] = await idsOn(theirs)
    await mine.post('/account/end', { id })
    expect(await theirs.get('/account')).toMatchObject({ status: 200 })
  })
})

describe('a form from elsewhere', () => {
  it('is refused', async () => {
    const visitor = await signedIn()
    for (const path of ['/sign-in', '/sign-out', '/account/end-others', '/berth']) {
      const headers = { origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site' }
      expect(await visitor.post(path, { train: 'rome' }, { headers })).toMatchObject({
        status: 403,
      })
    }
    expect(await visitor.get('/account')).toMatchObject({ status: 200 })
  })
})

describe('a page', () => {
  it('is kept by no cache, runs no script and shows in no frame', async () => {
    const { headers } = await worker.visitor().get('/')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('vary')).toBe('Cookie')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('content-security-policy')).not.toContain('script')
  })

  it('is shown styles and pictures without the Worker', async () => {
    const style = await worker.visitor().get('/style.css')
    expect(style.headers.get('vary')).toBeNull()
    expect(style.headers.get('x-content-type-options')).toBe('nosniff')
  })
})
