import type { NodeResponse } from './message.ts'

const CHANGING = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader']

/**
 * Makes a response look as if its head had left: `headersSent`, a status that stays, and headers that refuse to change as Node's do. Gives
 * what ends that.
 */
export function freezeHead(response: NodeResponse): () => void {
  const { statusCode } = response
  // HTTP/2 has no status message, and warns who asks for it.
  const statusMessage = 'stream' in response ? undefined : response.statusMessage
  const former = new Map(
    [...CHANGING, 'headersSent'].map((name) => [
      name,
      Object.getOwnPropertyDescriptor(response, name),
    ]),
  )
  const define = (name: string, value: unknown): unknown =>
    Object.defineProperty(response, name, { value, configurable: true, writable: true })
  for (const name of CHANGING) {
    define(name, () => {
      throw headersSent()
    })
  }
  define('headersSent', true)

  let frozen = true
  return () => {
    if (!frozen) return
    frozen = false
    for (const [name, descriptor] of former) {
      if (descriptor) Object.defineProperty(response, name, descriptor)
      else Reflect.deleteProperty(response, name)
    }
    response.statusCode = statusCode
    if (statusMessage !== undefined) response.statusMessage = statusMessage
  }
}

/** As Node's own. */
export function headersSent(): Error {
  return Object.assign(new Error('Cannot change headers after they are sent to the client'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  })
}
