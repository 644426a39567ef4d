import { setTimeout } from 'node:timers/promises'
import type { Engine } from './engines.ts'
import {
  type Beside,
  readBeside,
  type SubjectTimes,
  timeSubjects,
  timeVerbs,
  type VerbTimes,
} from './measure.ts'
import { populate } from './population.ts'

/** How many sessions: at first, in the end, and to expire. */
export interface Counts {
  readonly few: number
  readonly many: number
  readonly expired: number
}

/** What was seen of one engine. */
export interface Seen {
  readonly name: string
  readonly bytes: number
  /** Sessions kept in a second, with 256 calls under way. */
  readonly rate: number
  readonly few: VerbTimes
  readonly many: VerbTimes
  readonly subjects: SubjectTimes
  readonly quiet: Beside
  readonly expiry: Beside
}

export async function run(engine: Engine, { few, many, expired }: Counts): Promise<Seen> {
  const { name, store } = engine
  const ids = await populate(store, few)
  const atFew = await timeVerbs(store, ids)
  say(`${name}: ${few} sessions timed`)

  const start = performance.now()
  for (const id of await populate(store, many - few)) ids.push(id)
  const rate = (many - few) / ((performance.now() - start) / 1000)
  const bytes = (await engine.bytes()) / many
  const atMany = await timeVerbs(store, ids)
  say(`${name}: ${many} sessions timed`)

  const subjects = await timeSubjects(store)
  say(`${name}: subjects timed`)
  const pause = () => setTimeout(3000, 0)
  const quiet = await readBeside(store, ids, pause)
  await engine.prepare()
  await populate(store, expired, undefined, engine.soon)
  const expiry = await readBeside(store, ids, engine.expired)
  say(`${name}: ${expired} expired`)
  return { name, bytes, rate, few: atFew, many: atMany, subjects, quiet, expiry }
}

function say(text: string): void {
  console.log(`${new Date().toISOString()} ${text}`)
}
