import { get, type IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { check, healthOf, start } from './run.ts'

const CLIENTS = 100
// They come every half second; a busy machine may be behind.
const PER_SECOND = 1

/** What was seen of one adapter's streams of events. */
export interface Heard {
  readonly adapter: string
  /** The fewest events that a client has heard, and the most. */
  readonly least: number
  readonly most: number
  readonly problems: readonly string[]
}

/** A hundred clients listen for so many seconds, then leave. */
export async function listen(adapter: string, seconds: number): Promise<Heard> {
  const { server, port } = await start(adapter)
  try {
    const before = await healthOf(server)
    const heard = await Promise.all(Array.from({ length: CLIENTS }, () => one(port, seconds)))
    const health = await healthOf(server)
    const events = heard.map(({ length }) => length)
    const [least, most] = [Math.min(...events), Math.max(...events)]
    const wrong = heard.flat().filter((event) => event !== 'data: 1')
    const problems = [...check(before), ...check(health), ...wrong.slice(0, 3)]
    if (least < seconds * PER_SECOND) problems.push(`A client heard ${least} events`)
    return { adapter, least, most, problems }
  } finally {
    await server.end()
  }
}

async function one(port: number, seconds: number): Promise<string[]> {
  const call = get({ port, host: '127.0.0.1', path: '/events', agent: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.on('response', resolve).on('error', reject)
  })
  const events: string[] = []
  response.on('data', (part) => events.push(...String(part).split('\n\n').filter(Boolean)))
  let ended = false
  response.on('close', () => {
    ended = true
  })
  await setTimeout(seconds * 1000)
  if (ended) events.push('The stream ended')
  if (!response.headers['set-cookie']) events.push('There was no cookie')
  response.on('error', () => {})
  call.destroy()
  return events
}
