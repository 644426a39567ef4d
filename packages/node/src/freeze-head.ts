import type { NodeResponse } from './message.ts'

const CHANGING = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader']

/** A response that looks as if its head had left. */
export interface Frozen {
  /** Whether it looks ended. */
  readonly ended: boolean
  /** Whether it looks as if it had no room. */
  readonly full: boolean
  end(): void
  fill(): void
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
  const looks = lookByFields(response) ?? lookByProperties(response)
  const own = new Map<string, PropertyDescriptor | undefined>()
  let isFrozen = true
  const frozen = {
    ended: false,
    full: false,
    end() {
      frozen.ended = true
      looks.end()
    },
    fill() {
      if (frozen.full) return
      frozen.full = true
      show(response, own, 'writableNeedDrain', () => !frozen.ended)
    },
    thaw() {
      if (!isFrozen) return
      isFrozen = false
      restore(response, own)
      looks.thaw()
      Object.assign(response, status)
    },
  }
  return frozen
}

interface Look {
  end(): void
  thaw(): void
}

interface Fields {
  _header?: unknown
  finished?: boolean
  readonly headersSent: boolean
}

const HELD = 'held'

/** Whether the head has left, or looks so. `headersSent` may be somebody else's, who says so as soon as a reply is asked for (`@fastify/express`). */
export function hasLeft({ _header, headersSent }: Fields): boolean {
  return _header === undefined ? headersSent : Boolean(_header)
}

/**
 * By the field in which HTTP/1 keeps the head's text once there is one: all that is to look so looks at it. To define properties and to delete them
 * would make each response an object of its own kind, and all that Node does with it slow.
 */
function lookByFields(response: Fields): Look | null {
  if (response._header !== null || response.finished !== false) return null
  response._header = HELD
  const thaw = (): void => {
    response._header = null
  }
  if (response.headersSent) {
    return { thaw, end: () => void Object.defineProperty(response, 'writableEnded', ENDED) }
  }
  thaw()
  return null
}

// Right whenever it is asked, so it may stay. Not by `finished`: where that is true, Node finishes what has not been sent, or closes its connection.
const ENDED: PropertyDescriptor = {
  configurable: true,
  get(this: Fields) {
    return this.finished || this._header === HELD
  },
}

function lookByProperties(response: NodeResponse): Look {
  const own = new Map<string, PropertyDescriptor | undefined>()
  let ended = false
  show(response, own, 'headersSent', () => true)
  // What older middleware asks instead.
  show(response, own, '_header', () => HELD)
  show(response, own, 'writableEnded', () => ended)
  const refuse = (): never => {
    throw headersSent(response)
  }
  for (const name of CHANGING) if (name in response) show(response, own, name, () => refuse)
  return {
    thaw: () => restore(response, own),
    end() {
      ended = true
    },
  }
}

type Own = Map<string, PropertyDescriptor | undefined>

function show(response: NodeResponse, own: Own, name: string, get: () => unknown): void {
  own.set(name, Object.getOwnPropertyDescriptor(response, name))
  Object.defineProperty(response, name, { get, configurable: true })
}

function restore(response: NodeResponse, own: Own): void {
  for (const [name, descriptor] of own) {
    if (descriptor) Object.defineProperty(response, name, descriptor)
    else Reflect.deleteProperty(response, name)
  }
}

/** As Node's own. */
export function headersSent(response: NodeResponse): Error {
  const code = 'stream' in response ? 'ERR_HTTP2_HEADERS_SENT' : 'ERR_HTTP_HEADERS_SENT'
  return Object.assign(new Error('Cannot set headers after they are sent to the client'), { code })
}
