import type { Awaitable } from '../provider.ts'
import { type Cookie, type CrossSite, cookieJar } from './cookie-jar.ts'

export interface BrowserOptions {
  /** What a path is added to. Default `https://app.test`. */
  readonly origin?: string
  /** The time in epoch milliseconds, by which cookies expire. Default `Date.now`. */
  readonly clock?: () => number
}

/** A request, and how the browser came to make it. */
export interface BrowserRequest extends RequestInit {
  /** Another site makes the request. Default: the site itself does, or the person. */
  readonly crossSite?: CrossSite
}

/** A `Set-Cookie` line that the browser dropped without a word, as browsers do. */
export interface RefusedCookie {
  readonly line: string
  readonly reason: string
}

/** A browser as far as sessions see one: it keeps cookies, and sends them where they belong. */
export interface Browser {
  /** The live cookies, in the order in which they came. */
  readonly cookies: readonly Cookie[]
  /** The lines that were refused, and why: empty for a library that knows browsers. */
  readonly refused: readonly RefusedCookie[]
  /** Requests a path or URL; cookies go with it and come back. Redirects are not followed. */
  fetch(target: string | URL, init?: BrowserRequest): Promise<Response>
  /** `fetch` with `GET`. */
  get(target: string | URL, init?: BrowserRequest): Promise<Response>
  /** `fetch` with `POST`; an object is sent as a form would send it. */
  post(target: string | URL, body?: PostBody, init?: BrowserRequest): Promise<Response>
  /** `fetch`, then where redirects lead, 20 at most. */
  follow(target: string | URL, init?: BrowserRequest): Promise<Response>
  /** The live cookie of a name; of several the one that is sent first. */
  cookie(name: string): Cookie | undefined
  /** Does what a `Set-Cookie` line from a URL (default: the origin) says; `false`: refused. */
  setCookie(line: string, from?: string | URL): boolean
  /** Forgets every cookie. */
  clearCookies(): void
  /** Closes the browser and opens it again: cookies without an expiry are gone. */
  restart(): void
}

export type PostBody = BodyInit | Readonly<Record<string, string>> | null

const MAX_REDIRECTS = 20

/**
 * A browser in front of a fetch handler.
 *
 * @example
 * const { get, post } = browser((request) => app.fetch(request), { clock })
 * await post('/sign-in', { name: 'ada' })
 * const response = await get('/')
 */
export function browser(
  handle: (request: Request) => Awaitable<Response>,
  options: BrowserOptions = {},
): Browser {
  const { origin = 'https://app.test', clock = Date.now } = options
  const jar = cookieJar(clock)
  const refused: RefusedCookie[] = []

  function accept(line: string, url: URL, crossSite?: CrossSite): boolean {
    const reason = jar.set(line, { url, crossSite })
    if (reason) refused.push({ line, reason })
    return !reason
  }

  async function fetch(target: string | URL, init: BrowserRequest = {}): Promise<Response> {
    const { crossSite, ...rest } = init
    const url = new URL(target, origin)
    const headers = new Headers(rest.headers)
    const cookie = jar.header({ url, method: rest.method, crossSite })
    // A header that the test gave stands, for tests of what no browser sends.
    const sends = (name: string, value: string): void => {
      if (value && !headers.has(name)) headers.set(name, value)
    }
    sends('cookie', cookie ?? '')
    // What guards against CSRF goes by.
    sends('sec-fetch-site', crossSite ? 'cross-site' : 'same-origin')
    if (!/^(GET|HEAD)$/i.test(rest.method ?? 'GET')) {
      sends('origin', crossSite ? 'https://elsewhere.test' : url.origin)
    }
    const response = await handle(new Request(url, { ...rest, headers, redirect: 'manual' }))
    for (const line of response.headers.getSetCookie()) accept(line, url, crossSite)
    return response
  }

  async function follow(target: string | URL, init: BrowserRequest = {}): Promise<Response> {
    let url = new URL(target, origin)
    let next = init
    let response = await fetch(url, next)
    for (let redirects = 0; isRedirect(response); redirects++) {
      if (redirects === MAX_REDIRECTS) throw new Error(`More than ${MAX_REDIRECTS} redirects`)
      url = new URL(response.headers.get('location') ?? '', url)
      if (!keepsMethod(response.status, next.method)) next = asGet(next)
      response = await fetch(url, next)
    }
    return response
  }

  return {
    get cookies() {
      return jar.list()
    },
    refused,
    fetch,
    get: (target, init) => fetch(target, { ...init, method: 'GET' }),
    post: (target, body, init) =>
      fetch(target, { ...init, method: 'POST', body: asForm(body ?? null) }),
    follow,
    cookie: (name) =>
      jar
        .list()
        .toSorted((a, b) => b.path.length - a.path.length)
        .find((cookie) => cookie.name === name),
    setCookie: (line, from = origin) => accept(line, new URL(from, origin)),
    clearCookies: () => jar.drop(() => true),
    restart: () => jar.drop(({ expiresAt }) => expiresAt === null),
  }
}

function asForm(body: PostBody): BodyInit | null {
  const isPlain = body !== null && Object.getPrototypeOf(body) === Object.prototype
  return isPlain ? new URLSearchParams(body as Record<string, string>) : (body as BodyInit | null)
}

function isRedirect({ status, headers }: Response): boolean {
  return [301, 302, 303, 307, 308].includes(status) && headers.has('location')
}

// Fetch standard, HTTP-redirect fetch.
function keepsMethod(status: number, method = 'GET'): boolean {
  if (status === 303) return method === 'HEAD'
  return status > 303 || method !== 'POST'
}

function asGet({ body: _, ...init }: BrowserRequest): BrowserRequest {
  const headers = new Headers(init.headers)
  headers.delete('content-type')
  return { ...init, headers, method: 'GET' }
}
