import { freezeHead } from './freeze-head.ts'
import type { NodeResponse } from './message.ts'
import { checkChunk, isGone, takeHead } from './native.ts'

type Method = (...args: unknown[]) => unknown

const LEAVING = ['writeHead', 'write', 'end', 'flushHeaders'] as const
type Leaving = (typeof LEAVING)[number]

interface Source {
  unpipe(from: unknown): unknown
}

/**
 * Makes the head of a response wait: what would send it asks `before` first, once, then does what that resolved to, and goes on. From then on
 * nothing is in the way. What is written meanwhile is held, in order, and `write` says that it is enough; a `drain` tells when there is room.
 * Where `before` fails, what was held is dropped, the head can be written anew, and `failed` is told.
 */
export function holdHead(
  response: NodeResponse,
  before: () => Promise<() => void>,
  failed: (error: unknown) => void,
): void {
  const target = response as unknown as Record<Leaving, Method>
  const own = pick(target)
  const held: { name: Leaving; args: unknown[] }[] = []
  const sources = new Set<Source>()
  const onPipe = (source: Source): void => void sources.add(source)
  let phase: 'open' | 'held' | 'passed' | 'dropped' = 'open'
  let thaw = (): void => {}

  // They stay where they are, since others may have put theirs over them.
  for (const name of LEAVING) {
    target[name] = (...args) => {
      if (phase === 'passed') return own[name].apply(response, args)
      return phase === 'dropped' ? afterwards(name, args) : leave(name, args)
    }
  }

  function leave(name: Leaving, args: unknown[]): unknown {
    if (name === 'write' || name === 'end') checkChunk(name, args[0])
    held.push({ name, args: name === 'writeHead' ? takeHead(response, args) : args })
    if (phase === 'open') hold()
    if (name === 'flushHeaders') return undefined
    return name === 'write' ? false : response
  }

  function hold(): void {
    phase = 'held'
    thaw = freezeHead(response)
    response.on('pipe', onPipe)
    before().then(release).catch(drop)
  }

  function release(settle: () => void): void {
    thaw()
    response.off('pipe', onPipe)
    // The client has gone: nobody is there to write to.
    if (isGone(response)) {
      forget(new Error('The response was closed'))
      return
    }
    settle()
    phase = 'passed'
    let full = false
    for (const { name, args } of held.splice(0)) {
      full = own[name].apply(response, args) === false && name === 'write'
    }
    if (!full && !response.writableEnded) response.emit('drain')
  }

  function drop(error: unknown): void {
    thaw()
    phase = 'dropped'
    response.off('pipe', onPipe)
    for (const source of sources) source.unpipe(response)
    forget(error)
    failed(error)
  }

  function forget(error: unknown): void {
    for (const { args } of held.splice(0)) callBack(args, error)
  }

  // Who wrote what was dropped may go on writing beside the answer to that, and must not bring down the process by it.
  function afterwards(name: Leaving, args: unknown[]): unknown {
    if (!response.writableEnded) return own[name].apply(response, args)
    callBack(args, new Error('The response has ended with an error'))
    return name === 'write' ? false : response
  }
}

function pick(target: Record<Leaving, Method>): Record<Leaving, Method> {
  const { writeHead, write, end, flushHeaders } = target
  return { writeHead, write, end, flushHeaders }
}

function callBack(args: readonly unknown[], error: unknown): void {
  const callback = args.at(-1)
  if (typeof callback === 'function') process.nextTick(callback as Method, error)
}
