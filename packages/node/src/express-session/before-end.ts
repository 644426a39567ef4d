import type { ServerResponse } from 'node:http'
import { warnOnce } from './warn.ts'

/** Lets the end of a response whose head has left wait for some work, which nobody can be told to have failed. */
export function beforeEnd(response: ServerResponse, work: () => Promise<void>): void {
  const own = response.end as (...args: unknown[]) => ServerResponse
  let worked: Promise<void> | undefined
  response.end = ((...args: unknown[]) => {
    worked ??= work().catch((error) => {
      warnOnce('LATE', `A session could not be saved after the head had left: ${String(error)}`)
    })
    worked.then(() => own.apply(response, args))
    return response
  }) as never
}
