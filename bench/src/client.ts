import type { RequestListener } from 'node:http'
import { inject } from 'light-my-request'
import type { Site } from './peer.ts'

/** What a client sees. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly cookies: readonly string[]
}

/** Asks a site in this process. */
export type Ask = (path: string, cookie?: string) => Promise<Answer>

const ORIGIN = 'http://localhost'

/** With the Web's objects where the server speaks them, else through Node's, without a socket. */
export function asking({ fetch, listener }: Site): Ask {
  if (fetch) {
    return async (path, cookie) => {
      const response = await fetch(
        new Request(ORIGIN + path, cookie ? { headers: { cookie } } : {}),
      )
      return {
        status: response.status,
        text: await response.text(),
        cookies: response.headers.getSetCookie(),
      }
    }
  }
  const dispatch = listener as RequestListener
  return async (url, cookie) => {
    const headers = { host: 'localhost', ...(cookie && { cookie }) }
    const response = await inject(dispatch as never, { method: 'GET', url, headers })
    const set = response.headers['set-cookie'] ?? []
    return { status: response.statusCode, text: response.payload, cookies: [set].flat() }
  }
}

/** What a browser that had `cookie` sends after an answer. */
export function after({ cookies }: Answer, cookie = ''): string {
  const jar = new Map(cookie.split('; ').flatMap((pair) => (pair ? [parted(pair)] : [])))
  for (const line of cookies) {
    const [name, value] = parted(line.split(';', 1)[0] ?? '')
    const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1]
    const gone =
      value === '' || /;\s*max-age=0/i.test(line) || (expires && Date.parse(expires) <= Date.now())
    if (gone) jar.delete(name)
    else jar.set(name, value)
  }
  return [...jar].map((pair) => pair.join('=')).join('; ')
}

function parted(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
