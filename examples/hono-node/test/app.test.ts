import { describe, expect, it } from 'vitest'
import { openShop, people, sessionIdsOn, textOf, toldBy } from './visitor.ts'

describe('a visitor who only looks', () => {
  it('costs no store operation and gets no cookie', async () => {
    const visitor = openShop().visitor()
    const response = await visitor.get('/')
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await toldBy(visitor, '/')).toEqual([{ request: 'GET /', steps: [] }])
    expect(await toldBy(visitor, '/cart')).toEqual([{ request: 'GET /cart', steps: [] }])
    expect(visitor.cookies).toEqual([])
  })

  it('is not asked for a session where the page is the same for everyone', async () => {
    const visitor = openShop().visitor()
    const page = await visitor.get('/how')
    expect(page.headers.get('vary')).toBeNull()
    expect(await page.text()).toContain('Nobody asked for the session')
    const style = await visitor.get('/shop.css')
    expect(style.headers.get('cache-control')).toBe('public, max-age=300')
    expect(style.headers.get('vary')).toBeNull()
  })
})

describe('the cart', () => {
  it('begins with one record and one cookie', async () => {
    const visitor = openShop().visitor()
    await visitor.post('/cart', { product: 'moth', by: '1', back: 'shop' })
    expect(visitor.cookie('__Host-id')).toBeDefined()
    const [, first] = await toldBy(visitor, '/')
    expect(first).toEqual({ request: 'POST /cart', steps: ['create', 'created', 'cookie'] })
  })

  it('changes in one conditional write and without a new cookie', async () => {
    const visitor = openShop().visitor()
    await visitor.post('/cart', { product: 'moth', by: '1' })
    await visitor.post('/cart', { product: 'moth', by: '1' })
    const [, second] = await toldBy(visitor, '/')
    expect(second).toEqual({ request: 'POST /cart', steps: ['read', 'update'] })
    expect(await textOf(visitor, '/cart')).toContain('€ 76')
  })

  it('counts both of two clicks at once', async () => {
    const shop = openShop()
    const visitor = shop.visitor()
    await visitor.post('/cart', { product: 'moth', by: '1' })
    await Promise.all(
      [1, 2].map(() => visitor.post('/cart', { product: 'moth', by: '1', back: 'shop' })),
    )
    expect(shop.happened()).toContain('conflict')
    expect(await textOf(visitor, '/')).toContain('Add another (3)')
  })

  it('holds nine of a kind at most, and loses what is removed', async () => {
    const visitor = openShop().visitor()
    await visitor.post('/cart', { product: 'beacon', by: '100' })
    expect(await textOf(visitor, '/')).toContain('Add another (9)')
    await visitor.post('/cart', { product: 'beacon', by: '-9' })
    expect(await textOf(visitor, '/cart')).toContain('Nothing in it yet')
  })

  it.each([
    { product: 'rocket', by: '1' },
    { product: 'moth', by: 'many' },
    { product: '__proto__', by: '1' },
    {},
  ])('refuses $product × $by', async (form) => {
    const visitor = openShop().visitor()
    expect(await visitor.post('/cart', form)).toMatchObject({ status: 400 })
    expect(visitor.cookie('__Host-id')).toBeUndefined()
  })
})

describe('signing in', () => {
  it('keeps the id and the cart, and replaces the token in one conditional write', async () => {
    const shop = openShop()
    const visitor = shop.visitor()
    await visitor.post('/cart', { product: 'hearth', by: '1' })
    const before = visitor.cookie('__Host-id')
    await visitor.post('/sign-in', people.ada)
    expect(visitor.cookie('__Host-id')?.value).not.toBe(before?.value)
    expect(shop.events.map(({ id }) => id)).toEqual([shop.events[0]?.id, shop.events[0]?.id])
    const [, signIn] = await toldBy(visitor, '/cart')
    expect(signIn?.steps).toEqual(['read', 'update', 'signed-in', 'cookie'])
    expect(await textOf(visitor, '/cart')).toContain('Hearth')
  })

  it('kills the old token, and reports it when it comes back', async () => {
    const shop = openShop()
    const visitor = shop.visitor()
    await visitor.post('/cart', { product: 'hearth', by: '1' })
    const thief = shop.visitor()
    thief.setCookie(`__Host-id=${visitor.cookie('__Host-id')?.value}; Secure; Path=/`)
    await visitor.post('/sign-in', people.ada)
    shop.clock.advance(60)
    shop.happened()
    expect((await thief.get('/account')).headers.get('location')).toBe('/sign-in')
    expect(shop.happened()).toEqual(['replayed'])
    expect(await textOf(thief, '/')).toContain('had been replaced')
  })

  it('answers a wrong password and an unknown name alike', async () => {
    const visitor = openShop().visitor()
    const wrong = await visitor.post('/sign-in', { name: 'ada', password: 'nanosecond' })
    const unknown = await visitor.post('/sign-in', { name: 'eve', password: 'nanosecond' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(await wrong.text()).toContain('do not belong together')
    expect(await unknown.text()).toContain('do not belong together')
  })

  it('survives the browser only when asked to', async () => {
    const shop = openShop()
    const visitor = shop.visitor()
    await visitor.post('/sign-in', people.ada)
    visitor.restart()
    expect(await visitor.get('/account')).toMatchObject({ status: 303 })
    await visitor.post('/sign-in', { ...people.ada, remember: 'yes' })
    visitor.restart()
    expect(await visitor.get('/account')).toMatchObject({ status: 200 })
  })
})

describe('the account page', () => {
  it('is for those who are signed in, and kept by no cache', async () => {
    const visitor = openShop().visitor()
    expect((await visitor.get('/account')).headers.get('location')).toBe('/sign-in')
    await visitor.post('/sign-in', people.ada)
    const page = await visitor.get('/account')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await page.text()).toContain('This one')
  })

  it('lists the sessions of the one who looks, and no others', async () => {
    const { visitor } = openShop()
    const [desk, phone, stranger] = [visitor(), visitor(), visitor()]
    const iphone = 'Mozilla/5.0 (iPhone) Version/17.0 Mobile/15E148 Safari/604.1'
    await desk.post('/sign-in', people.ada)
    await phone.post('/sign-in', people.ada, { headers: { 'user-agent': iphone } })
    await stranger.post('/sign-in', people.grace)
    const page = await textOf(desk, '/account')
    expect(page.match(/class="device"/g)).toHaveLength(2)
    expect(page).toContain('Safari on iPhone')
  })

  it('ends one session, and leaves the others', async () => {
    const { visitor } = openShop()
    const [desk, phone] = [visitor(), visitor()]
    await desk.post('/sign-in', people.ada)
    await phone.post('/sign-in', people.ada)
    const [, other = ''] = sessionIdsOn(await textOf(desk, '/account'))
    await desk.post('/account/end', { id: other })
    expect(await desk.get('/account')).toMatchObject({ status: 200 })
    expect(await phone.get('/account')).toMatchObject({ status: 303 })
    expect(await textOf(phone, '/')).toContain('its session has ended')
  })

  it('ends nobody else’s session', async () => {
    const { visitor } = openShop()
    const [ada, grace] = [visitor(), visitor()]
    await ada.post('/sign-in', people.ada)
    await grace.post('/sign-in', people.grace)
    const [id = ''] = sessionIdsOn(await textOf(ada, '/account'))
    await grace.post('/account/end', { id })
    expect(await ada.get('/account')).toMatchObject({ status: 200 })
  })

  it('ends all others', async () => {
    const { visitor } = openShop()
    const [desk, ...others] = [visitor(), visitor(), visitor()]
    for (const browser of [desk, ...others]) await browser.post('/sign-in', people.ada)
    await desk.post('/account/end-others')
    expect(await desk.get('/account')).toMatchObject({ status: 200 })
    for (const browser of others) {
      expect(await browser.get('/account')).toMatchObject({ status: 303 })
    }
  })
})

describe('the end of a session', () => {
  it('is a deleted record and a cookie taken away, when the visitor signs out', async () => {
    const visitor = openShop().visitor()
    await visitor.post('/sign-in', people.ada)
    await visitor.post('/sign-out')
    expect(visitor.cookie('__Host-id')).toBeUndefined()
    const [now, signOut] = await toldBy(visitor, '/')
    expect(signOut?.steps).toEqual(['read', 'delete', 'revoked', 'cookie'])
    expect(now?.steps).toEqual([])
  })

  it('comes by itself when nobody was there for half an hour', async () => {
    const { clock, visitor } = openShop()
    const browser = visitor()
    await browser.post('/sign-in', people.ada)
    clock.advance(30 * 60)
    expect(await textOf(browser, '/')).toContain('its idle timeout was over')
  })
})

describe('the panel', () => {
  it('tells of the commit of the very page that it stands on', async () => {
    const { clock, visitor } = openShop()
    const browser = visitor()
    await browser.post('/sign-in', people.ada)
    clock.advance(5 * 60)
    const [now] = await toldBy(browser, '/')
    expect(now?.steps).toEqual(['read', 'touch', 'touched'])
    clock.advance(11 * 60)
    const [later] = await toldBy(browser, '/')
    expect(later?.steps).toEqual(['read', 'update', 'renewed', 'cookie'])
  })

  it('tells of the last three requests of this visitor, and of nobody else’s', async () => {
    const { visitor } = openShop()
    const [one, other] = [visitor(), visitor()]
    await one.post('/cart', { product: 'moth', by: '1' })
    await other.post('/cart', { product: 'beacon', by: '1' })
    for (const path of ['/how', '/cart', '/']) await one.get(path)
    const told = await toldBy(one, '/sign-in')
    expect(told.map(({ request }) => request)).toEqual([
      'GET /sign-in',
      'GET /',
      'GET /cart',
      'GET /how',
    ])
    expect(await toldBy(other, '/')).toHaveLength(2)
  })
})

describe('what comes from elsewhere', () => {
  it.each([
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
    { 'sec-fetch-site': 'same-site', origin: 'https://other.app.test' },
    { 'sec-fetch-site': '', origin: 'https://evil.test' },
    { 'sec-fetch-site': '', origin: 'null' },
    { 'sec-fetch-site': '', origin: '' },
  ])('is refused: a form with %o', async (headers) => {
    const visitor = openShop().visitor()
    await visitor.post('/sign-in', people.ada)
    for (const path of ['/sign-out', '/account/end-others', '/cart']) {
      expect(await visitor.post(path, { product: 'moth', by: '1' }, { headers })).toMatchObject({
        status: 403,
      })
    }
    expect(await visitor.get('/account')).toMatchObject({ status: 200 })
  })

  it('is escaped', async () => {
    const visitor = openShop().visitor()
    const name = '"><script>alert(1)</script>'
    const refused = await visitor.post('/sign-in', { name, password: 'x' })
    expect(await refused.text()).not.toContain('<script>alert')
    expect(await textOf(visitor, '/<script>alert(1)</script>')).not.toContain('<script>alert')
  })

  it('runs no script and shows in no frame', async () => {
    const { headers } = await openShop().visitor().get('/')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})
