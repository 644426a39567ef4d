// Taken at once, so that a test that stands in for timers later does not stop every request.
import { setImmediate } from 'node:timers'

/**
 * Waits until what else has come in meanwhile has been looked at. A server under load does the same step for many requests in a row then, which takes
 * much less time for each than all steps of one request after the other; one that has nothing else to do goes on at once.
 */
export function endOfTurn<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setImmediate(resolve, value))
}
