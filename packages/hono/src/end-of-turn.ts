import type { Context } from 'hono'

// Taken at once, so that a test that stands in for timers later does not stop every request. Only Node's own server is waited with.
const { setImmediate } = globalThis as { setImmediate?: (go: () => void) => void }

/**
 * On `@hono/node-server`: waits until what else has come in meanwhile has been looked at. A server under load does the same step for many
 * requests in a row then, which takes much less time for each than all steps of one request after the other; one that has nothing else to do
 * goes on at once. Elsewhere: `undefined`.
 */
export function endOfTurn(c: Context): Promise<void> | undefined {
  if (!setImmediate || !(c.env as { incoming?: unknown } | undefined)?.incoming) return undefined
  return new Promise(setImmediate)
}
