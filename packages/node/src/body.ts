import type { NodeRequest } from './message.ts'

/**
 * The body of a request as the Web's stream, read as fast as it is asked for and not before. Fails when the client goes, or when somebody else has
 * read it.
 */
export function bodyOf(request: NodeRequest): ReadableStream<Uint8Array<ArrayBuffer>> {
  let leave = (): void => {}

  function begin(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    const onData = ({ buffer, byteOffset, byteLength }: Buffer<ArrayBuffer>): void => {
      controller.enqueue(new Uint8Array(buffer, byteOffset, byteLength))
      request.pause()
    }
    const onEnd = (): void => {
      leave()
      controller.close()
    }
    const fail = (error: unknown): void => {
      leave()
      controller.error(error)
    }
    const onClose = (): void => fail(gone())
    leave = () => {
      request.off('data', onData).off('end', onEnd).off('error', fail).off('close', onClose)
      leave = () => {}
    }
    request.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose)
  }

  let begun = false
  return new ReadableStream(
    {
      pull(controller) {
        if (!begun) {
          begun = true
          if (request.readableEnded || request.readableDidRead) throw alreadyRead()
          if (request.destroyed) throw gone()
          begin(controller)
        }
        request.resume()
      },
      // What nobody wants is let through, as Node does: the connection goes on after it.
      cancel() {
        leave()
        request.resume()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Whether a request brings a body. */
export function hasBody(request: NodeRequest): boolean {
  if ('stream' in request) return !request.stream.endAfterHeaders
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  return encoding !== undefined || Number(length ?? 0) > 0
}

function gone(): DOMException {
  return new DOMException('The client has gone', 'AbortError')
}

function alreadyRead(): TypeError {
  return new TypeError('The body of the request has been read before')
}
