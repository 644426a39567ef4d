import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { type SessionVariables, session } from '@sojourn/hono'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { stream, streamSSE } from 'hono/streaming'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { cookieNames, cookieOf, sessionCookies, site, withCookie } from './site.ts'

type Data = { visits: number }
type Env = { Variables: SessionVariables<Data> }

const servers: { close(): unknown }[] = []
const folder = mkdtempSync(join(tmpdir(), 'sojourn-'))
writeFileSync(join(folder, 'style.css'), 'body { color: teal }')

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

/** An application on a real server, with its address. */
async function listening({ fetch }: Pick<Hono, 'fetch'>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<AddressInfo>()
  const server: ServerType = serve({ fetch, port: 0, hostname: '127.0.0.1' }, resolve)
  servers.push(server)
  return `http://127.0.0.1:${(await promise).port}`
}

function counting() {
  const made = site<Data>()
  const app = new Hono<Env>().use(session(made.sessions)).use('/counted/*', async (c, next) => {
    ;(await c.var.session()).update('visits', (n = 0) => n + 1)
    await next()
  })
  return { ...made, app }
}

const manual = { redirect: 'manual' } as const

describe('on @hono/node-server', () => {
  it('a session lasts from request to request, and its cookie stands alone [A3, A4, B8]', async () => {
    const { app, calls } = counting()
    app.get('/counted/it', async (c) => {
      setCookie(c, 'theme', 'dark')
      return c.text(`${(await c.var.session()).get('visits')}`)
    })
    const origin = await listening(app)
    const first = await fetch(`${origin}/counted/it`)
    expect(cookieNames(first)).toEqual(['theme', '__Host-id'])
    expect(first.headers.get('vary')).toBe('Cookie')
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(await first.text()).toBe('1')
    const second = await fetch(`${origin}/counted/it`, withCookie(cookieOf(first)))
    expect(cookieNames(second)).toEqual(['theme'])
    expect(await second.text()).toBe('2')
    expect(calls()).toEqual(['create', 'read', 'update'])
  })

  it('static files cost no session anything [A1]', async () => {
    const { app, calls } = counting()
    app.get('/counted/it', (c) => c.text('ok'))
    app.use('/*', serveStatic({ root: folder }))
    const bare = new Hono().use('/*', serveStatic({ root: folder }))
    const origin = await listening(app)
    const without = await listening(bare)
    const cookie = cookieOf(await fetch(`${origin}/counted/it`))
    calls()
    for (const method of ['GET', 'HEAD']) {
      const init = { method, headers: { cookie } }
      const response = await fetch(`${origin}/style.css`, init)
      const expected = await fetch(`${without}/style.css`, init)
      expect(response.status).toBe(200)
      expect(await response.text()).toBe(await expected.text())
      const names = (of: Response) => [...of.headers.keys()].filter((name) => name !== 'date')
      expect(names(response)).toEqual(names(expected))
    }
    expect(calls()).toEqual([])
  })

  it('static files behind a page that counts carry its cookie', async () => {
    const { app } = counting()
    app.use('/counted/*', serveStatic({ path: join(folder, 'style.css') }))
    const response = await fetch(`${await listening(app)}/counted/style.css`)
    expect(response.headers.get('content-type')).toMatch('text/css')
    expect(sessionCookies(response)).toHaveLength(1)
    expect(await response.text()).toContain('teal')
  })

  it('redirects carry the cookie, immutable ones too [H11]', async () => {
    const { app } = counting()
    app.get('/counted/hono', (c) => c.redirect('/there', 303))
    app.get('/counted/raw', () => Response.redirect('http://app.test/there', 307))
    const origin = await listening(app)
    const hono = await fetch(`${origin}/counted/hono`, manual)
    expect(hono.status).toBe(303)
    expect(hono.headers.get('location')).toBe('/there')
    expect(sessionCookies(hono)).toHaveLength(1)
    const raw = await fetch(`${origin}/counted/raw`, manual)
    expect(raw.status).toBe(307)
    expect(raw.headers.get('location')).toBe('http://app.test/there')
    expect(sessionCookies(raw)).toHaveLength(1)
  })

  it('a fetched response is passed on chunk by chunk, with the cookie [H12, H13]', async () => {
    const gate = Promise.withResolvers<void>()
    const upstream = createServer(async (_, response) => {
      response.setHeader('set-cookie', ['theirs=1', 'another=2'])
      response.write('one')
      await gate.promise
      response.end('two')
    })
    servers.push(upstream)
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo
    const { app } = counting()
    app.get('/counted/it', () => fetch(`http://127.0.0.1:${port}`))
    const response = await fetch(`${await listening(app)}/counted/it`)
    expect(cookieNames(response)).toEqual(['theirs', 'another', '__Host-id'])
    expect(await chunks(response, gate.resolve)).toEqual(['one', 'two'])
  })

  it.each([
    [
      'stream',
      (app: Hono<Env>, gate: Promise<void>) =>
        app.get('/counted/it', (c) =>
          stream(c, async (out) => {
            await out.write('one')
            await gate
            await out.write('two')
          }),
        ),
    ],
    [
      'streamSSE',
      (app: Hono<Env>, gate: Promise<void>) =>
        app.get('/counted/it', (c) =>
          streamSSE(c, async (out) => {
            await out.write('one')
            await gate
            await out.write('two')
          }),
        ),
    ],
  ])('%s sends its head with the cookie while it still makes its body [H13]', async (_, add) => {
    const { app } = counting()
    const gate = Promise.withResolvers<void>()
    add(app, gate.promise)
    const response = await fetch(`${await listening(app)}/counted/it`)
    expect(sessionCookies(response)).toHaveLength(1)
    expect(await chunks(response, gate.resolve)).toEqual(['one', 'two'])
  })

  it.each([
    ['GET', 204],
    ['GET', 304],
    ['HEAD', 200],
  ])('%s answered with %i has the cookie and no body [H7, H8, H9]', async (method, status) => {
    const { app } = counting()
    app.get('/counted/it', (c) => (status === 200 ? c.text('ok') : c.body(null, status as 204)))
    const address = `${await listening(app)}/counted/it`
    const { promise, resolve } = Promise.withResolvers<[number, string[], number]>()
    request(address, { method }, (response) => {
      let length = 0
      response.on('data', (chunk: Uint8Array) => {
        length += chunk.length
      })
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve([statusCode, headers['set-cookie'] ?? [], length])
      })
    }).end()
    const [got, cookies, length] = await promise
    expect(got).toBe(status)
    expect(cookies).toEqual([expect.stringMatching(/^__Host-id=/)])
    expect(length).toBe(0)
  })

  it('a client that goes away in mid-stream harms nobody [J2]', async () => {
    const { app, calls } = counting()
    const aborted = Promise.withResolvers<void>()
    app.get('/counted/it', (c) =>
      stream(c, async (out) => {
        out.onAbort(() => aborted.resolve())
        await out.write('one')
        await aborted.promise
      }),
    )
    const origin = await listening(app)
    const controller = new AbortController()
    const response = await fetch(`${origin}/counted/it`, { signal: controller.signal })
    const cookie = cookieOf(response)
    controller.abort()
    await aborted.promise
    expect(calls()).toEqual(['create'])
    const again = await fetch(`${origin}/counted/nowhere`, withCookie(cookie))
    expect(again.status).toBe(404)
    expect(calls()).toEqual(['read', 'update'])
  })

  it('an error of the store is answered by onError with a head of its own [I7]', async () => {
    const { app, failing } = counting()
    app.get('/counted/it', (c) => c.json({ all: 'well' }, 201, { ETag: '"x"' }))
    app.onError((_, c) => c.text('sorry', 500))
    failing.add('create')
    const response = await fetch(`${await listening(app)}/counted/it`)
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('sorry')
    expect(response.headers.get('content-type')).toMatch('text/plain')
    expect(response.headers.get('content-length')).toBe('5')
    expect(response.headers.has('etag')).toBe(false)
    expect(cookieNames(response)).toEqual([])
  })
})

/** The chunks of a body, the second of which is only made when the first was read. */
async function chunks({ body }: Response, next: () => void): Promise<string[]> {
  const texts: string[] = []
  const decoder = new TextDecoder()
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    texts.push(decoder.decode(chunk))
    next()
  }
  return texts
}
