import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { createSessions, SessionError, type SessionEvent } from '@sojourn/core'
import type { OpensStore } from './hammer.ts'

/** What a hammering process is told. */
export type Order =
  | { readonly order: 'token'; readonly generation: number; readonly cookie: string }
  | { readonly order: 'hammer'; readonly operations: number; readonly signIns: readonly number[] }
  | { readonly order: 'until the end'; readonly revokeAfter: number | null }

/** What it tells. */
export type Report =
  | { readonly report: 'ready' }
  | { readonly report: 'token'; readonly generation: number; readonly cookie: string }
  | { readonly report: 'hammered' | 'over'; readonly tally: Tally }

/** What was acknowledged to this process. */
export interface Tally {
  count: number
  keys: Record<string, number>
  seen: number
  /** How often another process was faster. */
  conflicts: number
}

const [name = '', secret = '', opener = '', ...where] = process.argv.slice(2)
const MINUTE = 60_000
const tally: Tally = { count: 0, keys: {}, seen: 0, conflicts: 0 }
const events: SessionEvent[] = []
const { openStore }: OpensStore = await import(opener)
const store = await openStore(...where)
const sessions = createSessions<Record<string, number>>({
  store,
  secret,
  onEvent: (event) => void events.push(event),
})
let held = { generation: -1, cookie: '' }

process.on('message', (order: Order) => {
  if (order.order === 'token') {
    if (order.generation > held.generation) held = order
  } else if (order.order === 'hammer') {
    void hammer(order.operations, order.signIns)
  } else {
    void hammerOn(order.revokeAfter)
  }
})

tell({ report: 'ready' })

function tell(report: Report): void {
  process.send?.(report)
}

async function hammer(operations: number, signIns: readonly number[]): Promise<void> {
  for (let turn = 0; turn < operations; ) {
    const { generation } = held
    const did = await change(turn, signIns.includes(turn))
    if (did === 'done') turn++
    // Somebody else has signed in. Their token is on its way here.
    while (did === 'anonymous' && held.generation === generation) await once(process, 'message')
    // Tokens arrive between turns.
    await setImmediate()
  }
  tell({ report: 'hammered', tally })
}

async function hammerOn(revokeAfter: number | null): Promise<void> {
  for (let turn = 0; ; turn++) {
    if (turn === revokeAfter) {
      const { id } = await sessions.open(request())
      if (id !== null) await sessions.revoke(id)
    }
    const did = await change(turn, false)
    if (did === 'anonymous') break
    await setImmediate()
  }
  tell({ report: 'over', tally })
}

/** One request of the session: counts, leaves a note of its own, signs in, moves the idle deadline. */
async function change(turn: number, signIn: boolean): Promise<'done' | 'lost' | 'anonymous'> {
  events.length = 0
  const session = await sessions.open(request())
  const { id } = session
  if (id === null) return 'anonymous'
  const key = `${name}:${turn % 20}`
  session.update('count', (count = 0) => count + 1)
  session.set(key, turn)
  if (signIn) session.signIn('ada', { method: 'password' })
  const response = await committed(session)
  if (!response || events.some(({ type }) => type === 'lost-write')) return 'lost'
  tally.count++
  tally.keys[key] = turn
  const cookie = response.headers.get('set-cookie')?.split(';')[0]
  if (cookie) {
    const { generation } = await sessions.open(request(cookie))
    if (generation > held.generation) held = { generation, cookie }
    tell({ report: 'token', generation, cookie })
  }
  if (turn % 5 === 0) {
    const now = Date.now()
    if (await store.touch(id, now, now + 30 * MINUTE)) tally.seen = now
  }
  return 'done'
}

type HammeredSession = Awaited<ReturnType<typeof sessions.open>>

async function committed(session: HammeredSession): Promise<Response | null> {
  try {
    return await sessions.commit(session, new Response())
  } catch (error) {
    if (error instanceof SessionError && error.code === 'ERR_SESSION_CONFLICT') return null
    throw error
  } finally {
    tally.conflicts += events.filter(({ type }) => type === 'conflict').length
  }
}

function request(cookie = held.cookie): Request {
  return new Request('https://app.test/', { headers: { cookie } })
}
