/** A clock that stands still until it is told otherwise. */
export interface Clock {
  /** The time in epoch milliseconds. */
  (): number
  /** Moves on by so many seconds, to the millisecond; back where they are negative. */
  advance(seconds: number): void
  /** Moves to an instant in epoch milliseconds. */
  set(instant: number): void
}

// 2026-01-01T00:00:00Z, so that failures look the same in every run.
const START = 1_767_225_600_000

/** A clock that `createSessions`, a store and a browser can share. Starts with the year 2026. */
export function clock(start: number = START): Clock {
  let now = start
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += Math.round(seconds * 1000)
    },
    set(instant: number) {
      now = instant
    },
  })
}
