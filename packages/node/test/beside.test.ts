import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import compression from 'compression'
import expressSession from 'express-session'
import { describe, expect, it } from 'vitest'
import { ask, type Data, expresses, listen, site } from './kit.ts'

type Step = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown
type Made = ReturnType<typeof site>

/** Middleware that asks for the session before those that come after it are set up. */
function opening({ web }: Made): Step {
  return async (request, _, next) => {
    await web.open(request)
    next()
  }
}

const neighbours: Record<string, Step> = {
  compression: compression({ threshold: 0 }) as unknown as Step,
  'express-session': expressSession({
    secret: 'theirs',
    resave: true,
    saveUninitialized: true,
    cookie: { secure: false },
  }) as unknown as Step,
  'a patcher of writeHead': (_, response, next) => {
    const { writeHead } = response
    response.writeHead = (status: number, ...rest: unknown[]) => {
      if (!response.headersSent) response.setHeader('x-status', String(status))
      return writeHead.apply(response, [status, ...rest] as never)
    }
    next()
  },
  'a patcher of old, that asks for _header': (_, response, next) => {
    const { write, end } = response
    const old = response as unknown as { _header: unknown; _implicitHeader(): void }
    const first = (): void => {
      if (old._header) return
      response.setHeader('x-old', 'set')
      old._implicitHeader()
    }
    response.write = (...args: unknown[]) => {
      first()
      return write.apply(response, args as never)
    }
    response.end = (...args: unknown[]) => {
      first()
      return end.apply(response, args as never)
    }
    next()
  },
}

const bodies: Record<string, (response: ServerResponse) => unknown> = {
  'end(text)': (response) => response.end('a'.repeat(3000)),
  'small writes': async (response) => {
    for (let part = 0; part < 300; part++) {
      response.write('a'.repeat(10))
      if (part % 100 === 0) await turn()
    }
    response.end()
  },
  'a small pipe': (response) =>
    Readable.from(Array.from({ length: 300 }, () => 'a'.repeat(10))).pipe(response),
  'a large pipe': (response) =>
    Readable.from(Array.from({ length: 300 }, () => 'a'.repeat(10_000))).pipe(response),
  'writeHead and end': (response) => response.writeHead(201).end('a'.repeat(3000)),
}

describe.each(expresses)('$name', ({ express }) => {
  describe.each(Object.entries(neighbours))('with %s', (name, neighbour) => {
    const orders: Record<string, (made: Made) => Step[]> = {
      before: ({ web }) => [neighbour, web.middleware as Step],
      after: ({ web }) => [web.middleware as Step, neighbour],
      'after an opened session,': (made) => [made.web.middleware as Step, opening(made), neighbour],
    }
    for (const [order, steps] of Object.entries(orders)) {
      it.each(Object.entries(bodies))(
        `${order} it sends %s whole, and the session`,
        async (way, body) => {
          const made = site()
          const app = express()
          for (const step of steps(made)) app.use(step as never)
          app.get('/', async (request, response) => {
            ;(await made.web.open(request)).set('visits', 1)
            response.setHeader('content-type', 'text/plain')
            body(response)
          })
          const answer = await asked(await listen(app))
          expect(answer.text).toHaveLength(way === 'a large pipe' ? 3_000_000 : 3000)
          expect(answer.text).toMatch(/^a+$/)
          expect(answer.status).toBe(way === 'writeHead and end' ? 201 : 200)
          expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
          const { headers } = answer
          if (name === 'compression') expect(headers['content-encoding']).toBe('gzip')
          if (name === 'express-session')
            expect(headers['set-cookie']?.join()).toMatch(/connect\.sid/)
          if (name.includes('writeHead')) expect(headers['x-status']).toBe(String(answer.status))
          if (name.includes('_header') && answer.status === 200)
            expect(headers['x-old']).toBe('set')
        },
      )
    }
  })
})

it('sessions of another cookie: each waits on the one response, and each is written', async () => {
  const made = site()
  const others = createSessions<Data>({
    store: memoryStore(),
    secret: 'another secret of the application, 32 bytes',
    cookie: { name: '__Host-other' },
  })
  const web = nodeSessions(others)
  const url = await listen((request, response) => {
    made.web.middleware(request, response, () => {})
    web.middleware(request, response, async () => {
      ;(await made.web.open(request)).set('visits', 1)
      ;(await web.open(request)).set('visits', 2)
      response.end('body')
    })
  })
  const { text, headers } = await ask(url)
  expect(text).toBe('body')
  const cookies = headers['set-cookie']?.map((line) => line.split(';', 1)[0] ?? '') ?? []
  expect(cookies.map((cookie) => cookie.split('=', 1)[0]).sort()).toEqual([
    '__Host-id',
    '__Host-other',
  ])
  expect(await made.dataOf(cookies.join('; '))).toEqual({ visits: 1 })
  const other = await others.open({ headers: new Headers({ cookie: cookies.join('; ') }) })
  expect(other.data).toEqual({ visits: 2 })
})

/** Asks for a response that may be compressed. */
async function asked(url: URL): ReturnType<typeof ask> {
  const answer = await ask(url, { headers: { 'accept-encoding': 'gzip' }, encoding: 'latin1' })
  const isPacked = answer.headers['content-encoding'] === 'gzip'
  const text = isPacked ? gunzipSync(Buffer.from(answer.text, 'latin1')).toString() : answer.text
  return { ...answer, text }
}
