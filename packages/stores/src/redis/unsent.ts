// Far below a timeout, and long for a server.
const SPAN = 100

/**
 * Tells, for each command, by which signal it is to be called off if it could not be sent in time: no later than that, and no more than a tenth of a
 * second sooner. Those of one moment share a signal, since one of its own, as node-redis has for each, costs more than the command.
 *
 * @param timeout in milliseconds
 */
export function unsentLimit(timeout: number): () => AbortSignal {
  let signal: AbortSignal | undefined
  let until = 0
  return () => {
    const now = performance.now()
    // One that has gone off says that this clock stands still, as in tests.
    if (!signal || signal.aborted || now >= until) {
      signal = forMany(AbortSignal.timeout(timeout))
      until = now + Math.min(SPAN, timeout / 10)
    }
    return signal
  }
}

interface Events {
  setMaxListeners?(count: number, ...targets: EventTarget[]): void
}

// Node 20 takes more than ten listeners of one signal for a leak, and warns.
function forMany(signal: AbortSignal): AbortSignal {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): Events | undefined }
  }
  process?.getBuiltinModule?.('node:events')?.setMaxListeners?.(0, signal)
  return signal
}
