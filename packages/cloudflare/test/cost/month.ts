import { MONTH, TRAFFIC } from './assumptions.ts'
import type { Kind } from './kinds.ts'
import type { Meter, Tally } from './meter.ts'

/** What a month of such hours has of everything; of some kinds of requests only, if they are given. */
export function monthOf(meter: Meter, kinds?: readonly Kind[]): Tally {
  const { visitorsPerDay, visitsPerVisitorAndDay, days } = MONTH
  const times = (visitorsPerDay * visitsPerVisitorAndDay * days) / TRAFFIC.visits
  const month = meter.sum(kinds)
  for (const unit of Object.keys(month) as (keyof Tally)[]) month[unit] *= times
  return month
}
