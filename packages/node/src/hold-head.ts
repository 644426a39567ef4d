import { type Frozen, freezeHead } from './freeze-head.ts'
import type { NodeResponse } from './message.ts'
import { checkChunk, hasChunk, isGone, streamDestroyed, takeHead, writeAfterEnd } from './native.ts'

type Method = (...args: unknown[]) => unknown

const LEAVING = ['writeHead', 'write', 'end', 'flushHeaders'] as const
type Leaving = (typeof LEAVING)[number]

interface Source {
  unpipe(from: unknown): unknown
}

// No less than a stream of Node holds, so that what is given on fills whatever stands behind, and that one tells when there is room.
const ENOUGH = 64 * 2 ** 10

/**
 * Makes the head of a response wait: what would send it asks `before` first, once, then does what that resolved to, and goes on. From then on
 * nothing is in the way. What is written meanwhile is held, in order; when that is enough `write` says so, and a `drain` tells when there is
 * room. Where `before` fails, what was held is dropped, the head can be written anew, and `failed` is told. So it is of what Node throws when it is
 * given what was held.
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
  const onUnpipe = (source: Source): void => void sources.delete(source)
  let phase: 'open' | 'held' | 'passed' | 'dropped' = 'open'
  let frozen: Frozen | undefined
  let length = 0

  // They stay where they are, since others may have put theirs over them.
  for (const name of LEAVING) {
    target[name] = (...args) => {
      if (phase === 'passed') return own[name].apply(response, args)
      return phase === 'dropped' ? afterwards(name, args) : leave(name, args)
    }
  }
  response.on('pipe', onPipe).on('unpipe', onUnpipe)

  function leave(name: Leaving, args: unknown[]): unknown {
    if (name === 'write' || name === 'end') checkChunk(name, args[0])
    if (frozen?.ended && hasChunk(args)) return refuse(name, args, writeAfterEnd())
    held.push({ name, args: name === 'writeHead' ? takeHead(response, args) : args })
    if (phase === 'open') hold()
    if (frozen && name === 'end') frozen.ended = true
    if (name === 'flushHeaders') return undefined
    return name === 'write' ? hasRoom(args[0] as string | Uint8Array) : response
  }

  function hasRoom(chunk: string | Uint8Array): boolean {
    length += chunk.length
    if (frozen) frozen.full = length >= ENOUGH
    return length < ENOUGH
  }

  function hold(): void {
    phase = 'held'
    frozen = freezeHead(response)
    before().then(release).catch(drop)
  }

  function letGo(): void {
    frozen?.thaw()
    response.off('pipe', onPipe).off('unpipe', onUnpipe)
  }

  function release(settle: () => void): void {
    letGo()
    if (isGone(response)) {
      phase = 'passed'
      forget(streamDestroyed())
      return
    }
    settle()
    phase = 'passed'
    let isFull = false
    for (let next = held.shift(); next; next = held.shift()) {
      const result = own[next.name].apply(response, next.args)
      if (next.name === 'write') isFull = result === false
    }
    // Where the stream is full it tells by itself.
    if (frozen?.full && !isFull && !response.writableEnded) response.emit('drain')
  }

  function drop(error: unknown): void {
    letGo()
    phase = 'dropped'
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
    return refuse(name, args, writeAfterEnd())
  }

  // Without the `error` event of Node: it comes only to those who write within the same moment, and nobody expects that one to last so long.
  function refuse(name: Leaving, args: readonly unknown[], error: Error): unknown {
    callBack(args, error)
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
