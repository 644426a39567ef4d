import { browser } from '@sojourn/core/testing'
import { type SessionVariables, session } from '@sojourn/hono'
import { Hono } from 'hono'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { describe, expect, it } from 'vitest'
import { cookieNames, cookieOf, fetched, sessionCookies, site, withCookie } from './site.ts'

type Data = { visits: number }
type Env = { Variables: SessionVariables<Data> }

/** An application in which every request counts. */
function counting(options?: Parameters<typeof site>[0]) {
  const made = site<Data>(options)
  const app = new Hono<Env>().use(session(made.sessions)).use('/counted/*', async (c, next) => {
    ;(await c.var.session()).update('visits', (n = 0) => n + 1)
    await next()
  })
  return { ...made, app }
}

const decoder = new TextDecoder()

async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read()
  return decoder.decode(value)
}

describe('a response of any kind carries the cookie', () => {
  const kinds: [string, number, (app: Hono<Env>) => unknown][] = [
    ['c.text', 200, (app) => app.get('/counted/it', (c) => c.text('ok'))],
    ['c.json', 201, (app) => app.get('/counted/it', (c) => c.json({}, 201))],
    ['c.html', 200, (app) => app.get('/counted/it', (c) => c.html('<p>'))],
    ['c.body(null)', 200, (app) => app.get('/counted/it', (c) => c.body(null))],
    ['204', 204, (app) => app.get('/counted/it', (c) => c.body(null, 204))],
    ['205', 205, (app) => app.get('/counted/it', () => new Response(null, { status: 205 }))],
    ['304', 304, (app) => app.get('/counted/it', () => new Response(null, { status: 304 }))],
    ['an empty stream', 200, (app) => app.get('/counted/it', () => new Response(emptyStream()))],
    ['new Response()', 200, (app) => app.get('/counted/it', () => new Response())],
    ['c.notFound()', 404, (app) => app.get('/counted/it', (c) => c.notFound())],
    ['no route', 404, (app) => app],
    ['c.render', 200, (app) => app.get('/counted/it', (c) => c.render('hello'))],
    ['c.newResponse', 202, (app) => app.get('/counted/it', (c) => c.newResponse('x', 202))],
  ]

  function emptyStream(): ReadableStream {
    return new ReadableStream({ start: (controller) => controller.close() })
  }

  it.each(kinds)('%s [H7, H9]', async (_, status, add) => {
    const { app } = counting()
    add(app)
    const response = await app.request('/counted/it')
    expect(response.status).toBe(status)
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.has('content-length')).toBe(false)
  })

  it('keeps body, status text and headers of what the handler answered [H7]', async () => {
    const { app } = counting()
    app.get('/counted/it', () => {
      const headers = { 'content-type': 'text/x-own', 'content-length': '3', 'x-own': 'yes' }
      return new Response('own', { status: 203, statusText: 'As Told', headers })
    })
    const response = await app.request('/counted/it')
    expect(response.statusText).toBe('As Told')
    expect(response.headers.get('content-type')).toBe('text/x-own')
    expect(response.headers.get('content-length')).toBe('3')
    expect(response.headers.get('x-own')).toBe('yes')
    expect(await response.text()).toBe('own')
  })

  it('HEAD gets the cookie and the Vary of GET, and no body [H8]', async () => {
    const { app } = counting()
    app.get('/counted/it', (c) => c.text('ok'))
    const response = await app.request('/counted/it', { method: 'HEAD' })
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(await response.text()).toBe('')
  })

  it('a not-found page that uses the session has it', async () => {
    const { sessions } = site<Data>()
    const app = new Hono<Env>().use(session(sessions)).notFound(async (c) => {
      const session = await c.var.session()
      session.update('visits', (n = 0) => n + 1)
      return c.text(`Missed ${session.get('visits')} times`, 404)
    })
    const { get } = browser((request) => app.fetch(request))
    expect(await (await get('/nowhere')).text()).toBe('Missed 1 times')
    const again = await get('/nowhere')
    expect(again.status).toBe(404)
    expect(await again.text()).toBe('Missed 2 times')
  })
})

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308] as const)(
    'by c.redirect(%i) sets the cookie [H11]',
    async (status) => {
      const { app } = counting()
      app.post('/counted/it', (c) => c.redirect('/there', status))
      const response = await app.request('/counted/it', { method: 'POST' })
      expect(response.status).toBe(status)
      expect(response.headers.get('location')).toBe('/there')
      expect(sessionCookies(response)).toHaveLength(1)
    },
  )

  it('by Response.redirect() sets the cookie though its headers are immutable [H11]', async () => {
    const { app } = counting()
    app.post('/counted/it', () => Response.redirect('https://app.test/there', 303))
    const response = await app.request('/counted/it', { method: 'POST' })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('https://app.test/there')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

describe('a fetched response', () => {
  it('is passed on with the cookie added to a copy of its head [H12]', async () => {
    const { app } = counting()
    const init = { status: 206, statusText: 'Some', headers: [['set-cookie', 'theirs=1'] as const] }
    app.get('/counted/it', () => fetched('of theirs', init as never))
    const response = await app.request('/counted/it')
    expect(response.status).toBe(206)
    expect(response.statusText).toBe('Some')
    expect(cookieNames(response)).toEqual(['theirs', '__Host-id'])
    expect(await response.text()).toBe('of theirs')
  })

  it('from fetch itself is passed on with the cookie [H12]', async () => {
    const { app } = counting()
    app.get('/counted/it', () => fetch('data:text/plain,of theirs'))
    const response = await app.request('/counted/it')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('content-type')).toMatch('text/plain')
    expect(await response.text()).toBe('of theirs')
  })

  it('is streamed, not buffered: its next chunk is made when it is read [H12, H13]', async () => {
    const { app } = counting()
    let made = 0
    const source = {
      pull(controller: ReadableStreamDefaultController<Uint8Array>) {
        controller.enqueue(new TextEncoder().encode(`chunk ${++made}`))
        if (made === 1000) controller.close()
      },
    }
    app.get('/counted/it', () => fetched(new ReadableStream(source, { highWaterMark: 0 })))
    const response = await app.request('/counted/it')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(await nextChunk(reader)).toBe('chunk 1')
    expect(made).toBeLessThan(5)
    await reader.cancel()
  })
})

describe('a stream', () => {
  it('of events: the head leaves with the cookie before the last chunk is made [H13, H14]', async () => {
    const { app, calls } = counting()
    const gate = Promise.withResolvers<void>()
    app.get('/counted/it', (c) =>
      streamSSE(c, async (events) => {
        await events.writeSSE({ data: 'one' })
        await gate.promise
        await events.writeSSE({ data: 'two' })
      }),
    )
    const response = await app.request('/counted/it')
    expect(calls()).toEqual(['create'])
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('content-type')).toMatch('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store, no-cache')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(await nextChunk(reader)).toBe('data: one\n\n')
    gate.resolve()
    expect(await nextChunk(reader)).toBe('data: two\n\n')
    expect((await reader.read()).done).toBe(true)
    expect(calls()).toEqual([])
  })

  it('reads the session all along, and a change after the head throws [H15]', async () => {
    const { app, calls } = counting()
    const gate = Promise.withResolvers<void>()
    app.get('/counted/it', async (c) => {
      const session = await c.var.session()
      return stream(c, async (chunks) => {
        await gate.promise
        await chunks.write(`${session.get('visits')} `)
        const error = await failure(() => session.set('visits', 99))
        await chunks.write(`${error?.name} ${error?.code}`)
      })
    })
    const response = await app.request('/counted/it')
    calls()
    gate.resolve()
    expect(await response.text()).toBe('1 SessionError ERR_SESSION_COMMITTED')
    expect(calls()).toEqual([])
  })

  it('first asks for its session after the head, and is refused; no record is left [H16]', async () => {
    const { app, calls } = counting()
    const gate = Promise.withResolvers<void>()
    app.get('/late', (c) =>
      streamText(c, async (chunks) => {
        await gate.promise
        const error = await failure(async () => (await c.var.session()).set('visits', 99))
        await chunks.write(`${error?.name} ${error?.code}`)
      }),
    )
    const response = await app.request('/late')
    expect(response.headers.has('vary')).toBe(false)
    gate.resolve()
    expect(await response.text()).toBe('SessionError ERR_SESSION_COMMITTED')
    expect(calls()).toEqual([])
  })

  it('that asks for its session at once gets it committed with the head', async () => {
    const { app, calls } = counting()
    app.get('/early', (c) =>
      streamSSE(c, async (events) => {
        const session = await c.var.session()
        session.set('visits', 7)
        await events.writeSSE({ data: `${session.get('visits')}` })
      }),
    )
    const response = await app.request('/early')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(calls()).toEqual(['create'])
    expect(await response.text()).toBe('data: 7\n\n')
  })

  async function failure(task: () => unknown): Promise<{ name: string; code: string } | null> {
    try {
      await task()
      return null
    } catch (error) {
      return error as { name: string; code: string }
    }
  }
})

describe('caches', () => {
  it('are told that a response which read the session depends on the cookie [B21]', async () => {
    const { app } = counting()
    app.get('/', async (c) => {
      await c.var.session()
      c.header('Vary', 'Accept, Accept-Language')
      c.header('Cache-Control', 'private, max-age=60')
      return c.text('ok')
    })
    const { headers } = await app.request('/')
    expect(headers.get('vary')).toBe('Accept, Accept-Language, Cookie')
    expect(headers.get('cache-control')).toBe('private, max-age=60')
  })

  it.each(['*', 'cookie', 'Accept, COOKIE'])(
    'keep the Vary that says it already: %s [B21]',
    async (vary) => {
      const { app } = counting()
      app.get('/', async (c) => {
        await c.var.session()
        return c.text('ok', 200, { Vary: vary })
      })
      expect((await app.request('/')).headers.get('vary')).toBe(vary)
    },
  )

  it('keep nothing that hands out a token, whatever the handler allowed them [B22]', async () => {
    const { app } = counting()
    app.get('/counted/it', (c) => {
      c.header('Cache-Control', 'public, max-age=60, s-maxage=600, no-transform')
      c.header('CDN-Cache-Control', 'max-age=600')
      return c.text('ok')
    })
    const { headers } = await app.request('/counted/it')
    expect(headers.get('cache-control')).toBe('no-store, no-transform')
    expect(headers.has('cdn-cache-control')).toBe(false)
  })

  it('get no renewed token with a 304: it waits for the next response [H9]', async () => {
    const { app, clock } = counting({ renewalTimeout: 600 })
    app.get('/counted/it', (c) => c.text('ok'))
    app.get('/304', async (c) => {
      await c.var.session()
      return c.body(null, 304)
    })
    app.get('/200', async (c) => {
      await c.var.session()
      return c.body(null)
    })
    const cookie = cookieOf(await app.request('/counted/it'))
    clock.advance(700)
    expect(cookieNames(await app.request('/304', withCookie(cookie)))).toEqual([])
    const renewed = cookieOf(await app.request('/200', withCookie(cookie)))
    expect(renewed).not.toBe('')
    expect(renewed).not.toBe(cookie)
  })
})
