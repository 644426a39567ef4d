import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { type AnyStore, memoryStore } from '@sojourn/core'
import { delayed, faultyStore, type StoreFault } from '@sojourn/core/testing'
import type { Application } from '../adapters.ts'

// What is to go wrong with the request at hand, such as `update:lost`: its client says so, and so knows what to expect.
const wanted = new AsyncLocalStorage<string>()

const FAULTS: Readonly<Record<string, StoreFault>> = {
  throws: { kind: 'throws', when: 'before' },
  fails: { kind: 'rejects', when: 'before' },
  lost: { kind: 'rejects', when: 'after' },
  late: { kind: 'late', when: 'before', delay: () => setTimeout(20) },
  hangs: { kind: 'hangs', when: 'before' },
}

/** A store behind a network, so to say, that fails as requests want it to. */
export function badStore(): AnyStore {
  return faultyStore(delayed(memoryStore(), tick), ({ verb }) => {
    const [failing, kind = ''] = wanted.getStore()?.split(':') ?? []
    return failing === verb ? FAULTS[kind] : null
  })
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** How many streams of events are open. */
export let streams = 0

/** Bytes of `/large`. */
export const LARGE = 300_000

const text = 'text/plain'

/** Lets the store fail as each request wants it to. */
export const withFaults =
  (listener: RequestListener): RequestListener =>
  (request, response) =>
    wanted.run(String(request.headers['x-fault'] ?? ''), listener, request, response)

export const application: Application = async (request, open) => {
  if (request.url === '/free') return { type: text, body: 'free' }
  const session = await open()
  if (request.url === '/look') return { type: text, body: String(session.get('count')) }
  session.update('count', (count = 0) => count + 1)
  const count = String(session.get('count'))
  switch (request.url) {
    case '/large':
      return { type: text, body: Readable.from(parts()) }
    case '/events':
      return { type: 'text/event-stream', body: Readable.from(events(count)) }
    case '/throw':
      throw new Error('On purpose')
    default:
      return { type: text, body: count }
  }
}

function* parts(): Generator<Buffer> {
  for (let left = LARGE; left > 0; left -= 10_000) yield Buffer.alloc(10_000, 'x')
}

async function* events(count: string): AsyncGenerator<string> {
  streams++
  try {
    while (true) {
      yield `data: ${count}\n\n`
      await setTimeout(500)
    }
  } finally {
    streams--
  }
}
