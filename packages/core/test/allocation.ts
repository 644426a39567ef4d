/** What one request takes of the heap, in bytes. */
export interface Allocation {
  /** Until it is answered. */
  readonly taken: number
  /** Still there after a collection of young garbage. */
  readonly left: number
}

const REQUESTS = 500

/** In such a process: measures a request, the least of some times. */
export async function measure(request: () => Promise<unknown>): Promise<Allocation> {
  let least: Allocation = { taken: Infinity, left: Infinity }
  for (let time = 0; time < 5; time++) {
    const { taken, left } = await once(request)
    least = { taken: Math.min(least.taken, taken), left: Math.min(least.left, left) }
  }
  return least
}

async function once(request: () => Promise<unknown>): Promise<Allocation> {
  // Twice, since what was finalized goes with the second.
  gc?.()
  gc?.()
  const before = held()
  for (let count = 0; count < REQUESTS; count++) await request()
  const after = held()
  await new Promise(setImmediate)
  gc?.({ type: 'minor' })
  return {
    taken: Math.round((after - before) / REQUESTS),
    left: Math.round((held() - before) / REQUESTS),
  }
}

function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
