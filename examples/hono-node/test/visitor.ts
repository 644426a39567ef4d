import type { SessionEvent } from '@sojourn/core'
import { type Browser, browser, type Clock, clock as startClock } from '@sojourn/core/testing'
import { createApp } from '../src/app.ts'

/** One request as the panel tells of it: `POST /cart`, and the verbs and events in their order. */
export interface Told {
  readonly request: string
  readonly steps: readonly string[]
}

export interface Shop {
  readonly clock: Clock
  readonly events: SessionEvent[]
  /** The types of the events since the last call. */
  happened(): string[]
  visitor(): Browser
}

export function openShop(): Shop {
  const clock = startClock()
  const events: SessionEvent[] = []
  const app = createApp({ clock, onEvent: (event) => void events.push(event) })
  let seen = 0
  return {
    clock,
    events,
    happened() {
      const types = events.slice(seen).map(({ type }) => type)
      seen = events.length
      return types
    },
    visitor: () => browser((request) => app.fetch(request), { clock }),
  }
}

export const people = {
  ada: { name: 'ada', password: 'lamplight' },
  grace: { name: 'grace', password: 'nanosecond' },
} as const

export async function textOf(visitor: Browser, path: string): Promise<string> {
  const response = await visitor.get(path)
  return response.text()
}

/** What the panel of a page tells, this page's own request first. */
export async function toldBy(visitor: Browser, path: string): Promise<Told[]> {
  const [, ...requests] = (await textOf(visitor, path)).split('<details')
  return requests.map((request) => ({
    request: /class="which">([^<]*)/.exec(request)?.[1] ?? '',
    steps: Array.from(request.matchAll(/<b>([^<]*)<\/b>/g), ([, step = '']) => step),
  }))
}

export function sessionIdsOn(page: string): string[] {
  return Array.from(page.matchAll(/class="id">([^<]+)/g), ([, id = '']) => id)
}
