import { endOfTurn } from './end-of-turn.ts'
import { type Frozen, freezeHead } from './freeze-head.ts'
import type { NodeResponse } from './message.ts'
import { checkChunk, hasChunk, isGone, streamDestroyed, takeHead, writeAfterEnd } from './native.ts'

type Method = (...args: unknown[]) => unknown
const LEAVING = ['writeHead', 'write', 'end', 'flushHeaders'] as const
type Leaving = (typeof LEAVING)[number]
type Methods = Record<Leaving, Method>

interface Source {
  readonly readableFlowing?: boolean | null
  unpipe(from: unknown): unknown
  destroy?(): unknown
}

/** What is to be done before a head leaves, and who is told when that fails. */
export interface Holding {
  /** Resolves to what is to be done to the head at last. */
  before(): Promise<() => void>
  failed(error: unknown): void
}

// No less than a stream of Node holds, so that what is given on fills whatever stands behind, and that one tells when there is room.
const ENOUGH = 64 * 2 ** 10

const GATE = Symbol('gate')

// The methods of all gates.
const METHODS = new WeakSet<Method>()

/** A response at whose gate its own methods ask. */
interface Gated {
  [GATE]?: HeadGate
}

/**
 * Stands in the way of everything that sends a response's head, and lets it pass until there is something to hold it for. It is there before that,
 * since `response.end(await text())` takes hold of `end` first.
 *
 * Once it is to hold: what would send the head asks `before` first, once, then does what that resolved to, and goes on; from then on nothing is in
 * the way. What is written meanwhile is held, in order; when that is enough `write` says so, and a `drain` tells when there is room. Where
 * `before` fails, what was held is dropped, the head can be written anew, and `failed` is told. So it is of what Node throws when it is given
 * what was held.
 */
export class HeadGate {
  readonly #response: NodeResponse
  readonly #own: Methods
  readonly #endsOnce: boolean
  readonly #on: NodeResponse['on']
  readonly #held: { name: Leaving; args: unknown[] }[] = []
  readonly #sources = new Set<Source>()
  readonly #onPipe = (source: Source): void => void this.#sources.add(source)
  readonly #onUnpipe = (source: Source): void => void this.#sources.delete(source)
  #phase: 'passing' | 'open' | 'held' | 'dropped' | 'closed' = 'passing'
  #holding: Holding | undefined
  #frozen: Frozen | undefined
  #length = 0
  #left: Promise<void> | undefined
  #settle: (() => void) | undefined

  /** `endsOnce`: a second end, at any time, is no error of the stream, which would end the process. */
  constructor(response: NodeResponse, { endsOnce = false }: { readonly endsOnce?: boolean } = {}) {
    this.#response = response
    this.#endsOnce = endsOnce
    const target = response as unknown as Methods & Gated
    const { writeHead, write, end, flushHeaders } = target
    this.#own = { writeHead, write, end, flushHeaders }
    this.#on = response.on
    // They stay where they are, since others may put theirs over them. Each is set by its name, which keeps a response fast, and is the same
    // for all of them: with functions of their own, responses outlive many collections of young garbage.
    const methods = target[GATE] ? HeadGate.#methods(() => this) : HeadGate.#SHARED
    target[GATE] ??= this
    target.writeHead = methods.writeHead
    target.write = methods.write
    target.end = methods.end
    target.flushHeaders = methods.flushHeaders
  }

  static #methods(gateOf: (response: Gated) => HeadGate): Methods {
    const methods: Methods = {
      writeHead(this: Gated, ...args) {
        return gateOf(this).#call('writeHead', args)
      },
      write(this: Gated, ...args) {
        return gateOf(this).#call('write', args)
      },
      end(this: Gated, ...args) {
        return gateOf(this).#call('end', args)
      },
      flushHeaders(this: Gated, ...args) {
        return gateOf(this).#call('flushHeaders', args)
      },
    }
    METHODS.add(methods.write).add(methods.end)
    return methods
  }

  static readonly #SHARED: Methods = HeadGate.#methods((response) => response[GATE] as HeadGate)

  /** To be called once, while the head has not left. */
  hold(holding: Holding): void {
    this.#holding = holding
    this.#phase = 'open'
    this.#response.on('pipe', this.#onPipe).on('unpipe', this.#onUnpipe)
  }

  /** Resolves when nothing is held. */
  get left(): Promise<void> {
    return this.#left ?? Promise.resolve()
  }

  #call(name: Leaving, args: unknown[]): unknown {
    if (this.#phase === 'passing') {
      if (name === 'end' && this.#endsOnce && this.#response.writableEnded) {
        return refuse(name, this.#response, args, writeAfterEnd())
      }
      const settled = name === 'writeHead' ? this.#settleAgain(args) : args
      return this.#own[name].apply(this.#response, settled)
    }
    if (this.#phase === 'closed') return refuse(name, this.#response, args, writeAfterEnd())
    return this.#phase === 'dropped' ? this.#afterwards(name, args) : this.#leave(name, args)
  }

  #leave(name: Leaving, args: unknown[]): unknown {
    const response = this.#response
    if (name === 'write' || name === 'end') {
      checkChunk(name, args)
      if (this.#frozen?.ended && hasChunk(args))
        return refuse(name, response, args, writeAfterEnd())
    }
    this.#held.push({ name, args: name === 'writeHead' ? takeHead(response, args) : args })
    if (this.#phase === 'open') this.#stop()
    if (name === 'end') this.#frozen?.end()
    if (name === 'flushHeaders') return undefined
    return name === 'write' ? this.#hasRoom(args[0] as string | Uint8Array) : response
  }

  #hasRoom(chunk: string | Uint8Array): boolean {
    this.#length += chunk.length
    if (this.#length < ENOUGH) return true
    this.#frozen?.fill()
    return false
  }

  #stop(): void {
    this.#phase = 'held'
    this.#frozen = freezeHead(this.#response)
    this.#left = this.#holding
      ?.before()
      .then(endOfTurn)
      .then((settle) => this.#release(settle))
      .catch((error) => this.#drop(error))
  }

  #letGo(): void {
    this.#frozen?.thaw()
    this.#response.off('pipe', this.#onPipe).off('unpipe', this.#onUnpipe)
  }

  #release(settle: () => void): void {
    const response = this.#response
    this.#letGo()
    if (isGone(response)) {
      this.#phase = 'passing'
      this.#forget(streamDestroyed())
      return
    }
    settle()
    this.#phase = 'passing'
    this.#settle = settle
    let isFull = false
    for (let next = this.#held.shift(); next; next = this.#held.shift()) {
      const result = this.#own[next.name].apply(response, next.args)
      if (next.name === 'write') isFull = result === false
    }
    this.#settle = undefined
    // Where the stream is full it tells by itself.
    if (this.#frozen?.full && !isFull && !response.writableEnded) response.emit('drain')
  }

  // Where no `writeHead` was held, Node calls it only now, and whoever stands over it may still change the head.
  #settleAgain(args: unknown[]): unknown[] {
    const settle = this.#settle
    if (!settle) return args
    const rest = takeHead(this.#response, args)
    settle()
    return rest
  }

  #drop(error: unknown): void {
    this.#letGo()
    this.#phase = 'dropped'
    for (const source of this.#sources) abandon(source, this.#response)
    this.#uncover()
    this.#forget(error)
    this.#holding?.failed(error)
  }

  // Who stands over `write` or `end`, such as a compression, has been given all of what was dropped: the answer would be more of that for them, and
  // what they still have of it would be part of the answer.
  #uncover(): void {
    const target = this.#response as unknown as Methods
    if (METHODS.has(target.write) && METHODS.has(target.end)) return
    this.#phase = 'closed'
    for (const name of LEAVING) target[name] = (...args) => this.#afterwards(name, args)
    if (this.#response.on !== this.#on) this.#response.on = this.#on
  }

  #forget(error: unknown): void {
    for (const { args } of this.#held.splice(0)) callBack(args, error)
  }

  // Who wrote what was dropped may go on writing beside the answer to that, and must not bring down the process by it.
  #afterwards(name: Leaving, args: unknown[]): unknown {
    if (!this.#response.writableEnded) return this.#own[name].apply(this.#response, args)
    return refuse(name, this.#response, args, writeAfterEnd())
  }
}

// Unless it flows elsewhere nobody will read it, and a file would stay open. Not before the answer has left, which a `pipeline` would take down with it.
function abandon(source: Source, response: NodeResponse): void {
  source.unpipe(response)
  response.once('close', () => {
    if (!source.readableFlowing) source.destroy?.()
  })
}

// Without the `error` event of Node: it comes only to those who write within the same moment, and nobody expects that one to last so long.
export function refuse(
  name: Leaving,
  response: unknown,
  args: readonly unknown[],
  error: Error,
): unknown {
  callBack(args, error)
  return name === 'write' ? false : response
}

/** Calls the callback among what a method was given, if there is one. */
export function callBack(args: readonly unknown[], error: unknown): void {
  const callback = args.find((arg) => typeof arg === 'function')
  if (callback) process.nextTick(callback as Method, error)
}
