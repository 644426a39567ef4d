import type { Browser } from '@sojourn/core/testing'
import {
  client,
  notes,
  revoke,
  signIn,
  type Told,
  Unanswered,
  visit,
  visitor,
} from './restart-clients.ts'

export interface Crowd {
  readonly browsers: readonly Browser[]
  /** Each makes one request of one of them. */
  readonly steps: readonly (() => Promise<void>)[]
  /** Every session that they have had, by its id. */
  readonly sessions: ReadonlyMap<string, Told>
}

/** So many who each have a session of their own, and so many who share one. */
export async function crowd(
  site: () => URL,
  subjects: readonly [string, ...string[]],
  { alone, together }: { alone: number; together: number },
): Promise<Crowd> {
  const sessions = new Map<string, Told>()
  const browsers = Array.from({ length: alone }, () => visitor(site))
  const steps = browsers.map((browser, index) => {
    const subject = subjects[index % subjects.length] ?? subjects[0]
    const note = notes('note')
    const plan = [visit, note, () => signIn(subject), visit, note, visit, revoke]
    // So that each is interrupted in something else.
    const first = index % plan.length
    return client(browser, [...plan.slice(first), ...plan.slice(0, first)], sessions)
  })
  if (together) {
    const browser = visitor(site)
    await client(browser, [], sessions)()
    const [shared] = sessions.values()
    const plan = (index: number) => [visit, notes(`note-${index}`)]
    for (let index = 0; index < together; index++) {
      steps.push(client(browser, plan(index), sessions, shared))
    }
    browsers.push(browser)
  }
  return { browsers, steps, sessions }
}

/**
 * Lets everybody make requests until each has had so many answers, and then pulls the plug without waiting for anybody. How many requests
 * were under way; all have failed by the time that it resolves.
 */
export async function interrupt(
  steps: readonly (() => Promise<void>)[],
  answers: number,
  pullThePlug: () => Promise<void>,
): Promise<number> {
  const enough = Promise.withResolvers<void>()
  let busy = steps.length
  let underWay = 0

  async function work(step: () => Promise<void>): Promise<void> {
    for (let had = 0; ; had++) {
      if (had === answers && --busy === 0) enough.resolve()
      underWay++
      try {
        await step()
      } catch (error) {
        if (error instanceof Unanswered) return
        throw error
      } finally {
        underWay--
      }
    }
  }

  const everybody = Promise.all(steps.map(work))
  await Promise.race([enough.promise, everybody])
  const interrupted = underWay
  await pullThePlug()
  await everybody
  return interrupted
}
