import type { Clock } from '@sojourn/core/testing'

/** Waits that end in the order of their instants, by a clock that stands still while anything goes on. */
export function timeline(clock: Clock) {
  const waits: { readonly at: number; readonly end: () => void }[] = []
  return {
    /** Ends after so many milliseconds. */
    wait(milliseconds: number): Promise<void> {
      return new Promise((end) => void waits.push({ at: clock() + milliseconds, end }))
    },
    /** Until nobody waits any more. */
    async run(): Promise<void> {
      for (;;) {
        for (let tick = 0; tick < 30; tick++) await undefined
        const next = waits.reduce(
          (one, other) => (other.at < one.at ? other : one),
          waits[0] ?? NONE,
        )
        if (next === NONE) return
        waits.splice(waits.indexOf(next), 1)
        clock.set(next.at)
        next.end()
      }
    },
  }
}

const NONE = { at: Infinity, end: () => {} }
