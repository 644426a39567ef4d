import type { NodeResponse } from './message.ts'

const CHANGING = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader']

/** A response that looks as if its head had left. */
export interface Frozen {
  /** Whether it looks ended. */
  ended: boolean
  /** Whether it looks as if it had no room. */
  full: boolean
  /** Ends the look of it. */
  thaw(): void
}

/** Makes a response look as if its head had left: `headersSent`, a status that stays, and headers that refuse to change as Node's do. */
export function freezeHead(response: NodeResponse): Frozen {
  // HTTP/2 has no status message, and warns who asks for it.
  const status =
    'stream' in response
      ? { statusCode: response.statusCode }
      : { statusCode: response.statusCode, statusMessage: response.statusMessage }
  let isFrozen = true
  const frozen: Frozen = {
    ended: false,
    full: false,
    thaw() {
      if (!isFrozen) return
      isFrozen = false
      for (const [name, descriptor] of former) {
        if (descriptor) Object.defineProperty(response, name, descriptor)
        else Reflect.deleteProperty(response, name)
      }
      Object.assign(response, status)
    },
  }
  const looks: Record<string, () => unknown> = {
    headersSent: () => true,
    // What older middleware asks instead.
    _header: () => 'held',
    writableEnded: () => frozen.ended,
    writableNeedDrain: () => frozen.full && !frozen.ended,
  }
  const former = [...CHANGING, ...Object.keys(looks)].map(
    (name) => [name, Object.getOwnPropertyDescriptor(response, name)] as const,
  )
  for (const [name, get] of Object.entries(looks)) {
    Object.defineProperty(response, name, { get, configurable: true })
  }
  for (const name of CHANGING) {
    Object.defineProperty(response, name, { value: refuse, configurable: true, writable: true })
  }
  return frozen
}

function refuse(): never {
  throw headersSent()
}

/** As Node's own. */
export function headersSent(): Error {
  return Object.assign(new Error('Cannot change headers after they are sent to the client'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  })
}
