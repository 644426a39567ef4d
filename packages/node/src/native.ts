import { type OutgoingHttpHeaders, validateHeaderValue } from 'node:http'
import { isUint8Array } from 'node:util/types'
import { hasLeft, headersSent } from './freeze-head.ts'
import type { NodeResponse } from './message.ts'

/** Whether there is nobody left to write to. */
export function isGone(response: NodeResponse): boolean {
  return 'stream' in response
    ? response.stream === undefined || response.stream.destroyed
    : response.destroyed
}

/** What a callback gets then, as Node's own. */
export function streamDestroyed(): Error {
  return Object.assign(new Error('Cannot write after a stream was destroyed'), {
    code: 'ERR_STREAM_DESTROYED',
  })
}

/** What a callback gets when there is no more to be written. */
export function writeAfterEnd(): Error {
  return Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
}

/** Whether `write` or `end` is given something to write. */
export function hasChunk([chunk]: readonly unknown[]): boolean {
  return typeof chunk === 'string' || isUint8Array(chunk)
}

/**
 * What `writeHead` is to be called with later. The status and the headers that it was given now stand in the response, where they can be read,
 * as Node itself puts them there once there is any header.
 *
 * @throws what Node does for a status or a header that is none, or when the head has left.
 */
export function takeHead(response: NodeResponse, args: readonly unknown[]): unknown[] {
  if (hasLeft(response)) throw headersSent(response)
  const [code, second, third] = args
  const status = Math.trunc(Number(code))
  if (!(status >= 100 && status <= 999)) {
    throw Object.assign(new RangeError(`Invalid status code: ${String(code)}`), {
      code: 'ERR_HTTP_INVALID_STATUS_CODE',
    })
  }
  const [message, headers] =
    typeof second === 'string' ? [second, third] : [undefined, third ?? second]
  if (message !== undefined) validateHeaderValue('statusMessage', message)
  response.statusCode = status
  setAll(response, (headers ?? {}) as OutgoingHttpHeaders | unknown[])
  return message === undefined ? [status] : [status, message]
}

function setAll(response: NodeResponse, headers: OutgoingHttpHeaders | unknown[]): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string)
    return
  }
  const flat: unknown[] = Array.isArray(headers[0]) ? headers.flat() : headers
  if (flat.length % 2) {
    const error = new TypeError('The headers must be pairs of a name and a value')
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
  }
  const pairs = Array.from({ length: flat.length / 2 }, (_, index) => [
    String(flat[2 * index]),
    flat[2 * index + 1] as string | string[],
  ]) as [string, string | string[]][]
  for (const [name] of pairs) response.removeHeader(name)
  // A name may come more than once.
  for (const [name, value] of pairs) response.appendHeader(name, value)
}

/**
 * Refuses what Node would refuse.
 *
 * @throws {TypeError} with Node's code.
 */
export function checkChunk(name: 'write' | 'end', [chunk, encoding]: readonly unknown[]): void {
  if (typeof chunk === 'string' && encoding && typeof encoding === 'string') checkEncoding(encoding)
  if (hasChunk([chunk])) return
  if (name === 'end' && (chunk === undefined || chunk === null || typeof chunk === 'function'))
    return
  const code = chunk === null ? 'ERR_STREAM_NULL_VALUES' : 'ERR_INVALID_ARG_TYPE'
  throw Object.assign(new TypeError(`Cannot write ${chunk === null ? 'null' : typeof chunk}`), {
    code,
  })
}

function checkEncoding(encoding: string): void {
  if (Buffer.isEncoding(encoding)) return
  throw Object.assign(new TypeError(`Unknown encoding: ${encoding}`), {
    code: 'ERR_UNKNOWN_ENCODING',
  })
}
