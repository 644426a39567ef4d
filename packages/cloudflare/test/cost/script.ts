import { TRAFFIC } from './assumptions.ts'
import type { Phase, RequestKind } from './kinds.ts'
import { type Random, seeded } from './random.ts'
import { visits } from './visits.ts'

/** One request of the hour. */
export interface Step {
  /** In milliseconds after the hour has begun; negative before it. */
  readonly at: number
  readonly phase: Phase
  /** Whose browser; `null`: of somebody who keeps no cookies. */
  readonly visitor: number | null
  readonly path: string
  /** Which of the forged cookies comes along. */
  readonly forgery?: number
}

const HOUR = 3_600_000

/** Every request of the hour in its order, the same in every run. Visits are followed to their end. */
export function script(): Step[] {
  const random = seeded(TRAFFIC.seed)
  const { botRequestsPerVisit, forgedRequestsPerVisit } = TRAFFIC
  return [
    ...people(random),
    ...strangers(random, 'bot', botRequestsPerVisit),
    ...strangers(random, 'forged', forgedRequestsPerVisit),
  ].sort((a, b) => a.at - b.at)
}

function people(random: Random): Step[] {
  return visits(random).flatMap(({ before, requests }, visitor) => {
    let at = random.between([0, HOUR - 1])
    const earlier = before && { at: at - before.ago, phase: 'before', visitor, path: before.path }
    const steps = requests.map(([phase, path]) => {
      const step: Step = { at, phase, visitor, path }
      at += random.between(TRAFFIC.secondsBetweenRequests) * 1000
      return step
    })
    return earlier ? [earlier as Step, ...steps] : steps
  })
}

function strangers(random: Random, phase: RequestKind, perVisit: number): Step[] {
  return Array.from({ length: perVisit * TRAFFIC.visits }, (_, number) => ({
    at: random.between([0, HOUR - 1]),
    phase,
    visitor: null,
    path: '/',
    ...(phase === 'forged' && { forgery: number }),
  }))
}
