import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { application } from './act.ts'
import { asking } from './client.ts'
import { nameOf } from './peer.ts'
import { peers } from './peers/index.ts'
import { SECRETS } from './scenarios.ts'

// What the heap holds for each session of one peer, or of a `Map` of the same records as JSON text. To be run with `--expose-gc`.
const [, , name, given] = process.argv
const sessions = Number(given)

// Nobody's is anybody else's, as in life.
const text = (): string => randomBytes(80).toString('hex')

const data = () => ({ user: 'ada', text: text() })

/** Beside the peers: the data alone, and what Sojourn keeps of a session. */
const records: Record<string, () => object> = {
  'Map of the data': data,
  'Map of Sojourn’s records': () => ({
    id: randomBytes(24).toString('base64url'),
    format: 1,
    version: 1,
    generation: 0,
    graceUntil: null,
    createdAt: Date.now(),
    startedAt: Date.now(),
    generatedAt: Date.now(),
    lastSeenAt: Date.now(),
    subject: null,
    authentications: [],
    persistent: false,
    device: null,
    data: data(),
  }),
}

async function used(): Promise<number> {
  for (let time = 0; time < 4; time++) {
    await setTimeout(50)
    gc?.()
  }
  return process.memoryUsage().heapUsed
}

async function fill(): Promise<{ bytes: number; kept: unknown }> {
  const record = records[name ?? '']
  if (record) {
    const before = await used()
    const kept = new Map<string, string>()
    for (let count = 0; count < sessions; count++) {
      // A flat key; that of `randomUUID` is a tree of its parts.
      kept.set(randomBytes(24).toString('base64url'), JSON.stringify(record()))
    }
    return { bytes: (await used()) - before, kept }
  }
  const peer = peers.find((one) => nameOf(one) === name)
  if (!peer) throw new TypeError(`No such peer: ${name}`)
  const act = application()
  const site = await peer.start(
    { keeping: { kind: 'memory' }, secrets: SECRETS },
    async (_, visit) => {
      const open = await visit()
      await open.set('user', 'ada')
      await open.set('text', text())
      return act('/untouched', () => open)
    },
  )
  const ask = asking(site)
  for (let count = 0; count < 1000; count++) await ask('/fill')
  const before = await used()
  for (let count = 0; count < sessions; count++) {
    await ask('/fill')
    // What waits for the next turn is let go.
    if (count % 100 === 0) await setImmediate()
  }
  return { bytes: (await used()) - before, kept: site }
}

const { bytes, kept } = await fill()
process.send?.({ perSession: bytes / sessions, kept: typeof kept })
process.disconnect?.()
