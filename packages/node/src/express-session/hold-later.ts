import type { ServerResponse } from 'node:http'
import { holdHead } from '../hold-head.ts'

type Method = (...args: unknown[]) => unknown
type Leaving = Record<'writeHead' | 'write' | 'end' | 'flushHeaders', Method>

/**
 * Prepares a response for `holdHead`, which what this gives then does. `response.end(request.session.name)` takes hold of `end` first and asks for
 * the session after that, so what it takes must know better by then.
 */
export function holdLater(
  response: ServerResponse,
): (before: () => Promise<() => void>, failed: (error: unknown) => void) => void {
  const target = response as unknown as Leaving
  const own = pick(target)
  let current = own
  const passing: Leaving = {
    writeHead: (...args) => current.writeHead.apply(response, args),
    write: (...args) => current.write.apply(response, args),
    end: (...args) => current.end.apply(response, args),
    flushHeaders: (...args) => current.flushHeaders.apply(response, args),
  }
  Object.assign(target, passing)
  return (before, failed) => {
    // Others may have put theirs over ours meanwhile.
    const outer = pick(target)
    Object.assign(target, own)
    holdHead(response, before, failed)
    current = pick(target)
    Object.assign(target, outer)
  }
}

function pick({ writeHead, write, end, flushHeaders }: Leaving): Leaving {
  return { writeHead, write, end, flushHeaders }
}
