import { type Answer, type Asked, ask, ask2, type Host } from './host.ts'

/** A browser with a jar for the session's cookie. */
export interface Visitor {
  /** As the browser has it; empty: none. */
  cookie: string
  /** Asks with the jar's cookie, or with another, and keeps what comes. */
  get(path: string, asked?: Asked): Promise<Answer>
}

export const COOKIE = '__Host-id'

export function visitor(host: Host, server: string): Visitor {
  const port = host.ports[server] ?? 0
  const by = server === 'node:http2' ? ask2 : ask
  const self: Visitor = {
    cookie: '',
    async get(path, asked = {}) {
      const answer = await by(port, path, { cookie: self.cookie, ...asked })
      for (const line of answer.cookies) {
        if (!line.startsWith(`${COOKIE}=`)) continue
        const [pair = ''] = line.split(';', 1)
        self.cookie = pair === `${COOKIE}=` ? '' : pair
      }
      return answer
    },
  }
  return self
}
