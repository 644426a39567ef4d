import type { ServerResponse } from 'node:http'
import { callBack, refuse } from '../hold-head.ts'
import { checkChunk, isGone, streamDestroyed, writeAfterEnd } from '../native.ts'
import { warnOnce } from './warn.ts'

type Method = (...args: unknown[]) => unknown

/** Lets the end of a response whose head has left wait for some work, which nobody can be told to have failed. */
export function beforeEnd(response: ServerResponse, work: () => Promise<void>): void {
  const methods = response as unknown as Record<'write' | 'end', Method>
  const { end } = methods
  let ended = false
  methods.end = (...args) => {
    if (ended) return refuse('end', response, args, writeAfterEnd())
    checkChunk('end', args)
    ended = true
    const { write } = methods
    // It would come before what the end was given.
    methods.write = (...late) => refuse('write', response, late, writeAfterEnd())
    work()
      .catch((error) => {
        warnOnce('LATE', `A session could not be saved after the head had left: ${String(error)}`)
      })
      .then(() => {
        methods.write = write
        if (isGone(response)) callBack(args, streamDestroyed())
        else end.apply(response, args)
      })
      // What is left of the response cannot be sent, and its client is not to wait for it.
      .catch(() => response.destroy())
    return response
  }
}
