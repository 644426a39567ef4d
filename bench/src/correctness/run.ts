import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { nameOf } from '../peer.ts'
import { peers } from '../peers/index.ts'
import { cases, type Verdict } from './cases.ts'

export type Verdicts = Record<string, Record<string, Verdict>>

const PATIENCE = 10_000

/** Every case with every library, one after the other: what each does, run and not read. */
export async function correctness(log: (line: string) => void): Promise<Verdicts> {
  const table: Verdicts = {}
  for (const { title, run } of cases) {
    table[title] = {}
    for (const peer of peers.filter(({ keeps }) => keeps !== false)) {
      const late = setTimeout(PATIENCE, '– no answer' as const, { ref: false })
      table[title][nameOf(peer)] = await Promise.race([run(peer), late])
    }
    log(`correctness: ${title}`)
  }
  return table
}

/** The same, in a process of its own. */
export async function correctnessApart(log: (line: string) => void): Promise<Verdicts> {
  const child = fork(new URL('run.process.ts', import.meta.url), { silent: true })
  let verdicts: Verdicts | undefined
  child.on('message', (told: { line?: string; verdicts?: Verdicts }) => {
    if (told.line) log(told.line)
    verdicts = told.verdicts ?? verdicts
  })
  const [code] = await once(child, 'exit')
  if (!verdicts) throw new Error(`The correctness run ended with ${code}`)
  return verdicts
}
