import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { LARGE } from './application.ts'

/** What a session must have counted: `sure` at least, and `unsure` more at most. */
export interface Account {
  readonly cookie: string
  /** Whether its visitors do nothing that leaves them in doubt. */
  readonly calm: boolean
  sure: number
  unsure: number
}

/** What came of requests, by kind. */
export type Tally = Record<string, number>

/** How a request ended: its status and text, or `null` where the client left first. */
type End = { readonly status: number; readonly text: string } | null

interface Manner {
  /** Milliseconds after which the client leaves. */
  readonly leave?: number
  readonly fault?: string
  /** Whether the body is read as if by a bad connection. */
  readonly slow?: boolean
}

/** One client with one connection, which asks as long as it is told to. */
export class Visitor {
  readonly #port: number
  readonly #account: Account
  readonly #tally: Tally
  readonly #problems: string[]
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(port: number, account: Account, tally: Tally, problems: string[]) {
    this.#port = port
    this.#account = account
    this.#tally = tally
    this.#problems = problems
  }

  async visitUntil(instant: number): Promise<void> {
    while (Date.now() < instant) await this.#visit()
    this.#agent.destroy()
  }

  async #visit(): Promise<void> {
    const { calm } = this.#account
    const chance = Math.random() * 1000
    if (chance < 100) return this.#expect('free', await this.#ask('/free'), 200, 'free')
    if (chance < 300) return this.#expect('looks', await this.#ask('/look'), 200)
    if (chance < 340) return this.#expect('throws', await this.#ask('/throw'), 500, 'On purpose')
    if (chance < 360) return this.#large({ slow: true })
    if (chance < 365) return this.#failing('update:fails')
    if (chance < 370) return this.#failing('update:throws')
    if (chance < 375) return this.#failing('read:fails')
    if (chance < 375.2) return this.#failing('update:hangs')
    if (chance < 390) return this.#count({ fault: 'update:late' })
    if (calm || chance < 850) return this.#count({})
    if (chance < 860) return this.#lost()
    if (chance < 890) return this.#large({ slow: true, leave: Math.random() * 20 })
    return this.#count({ leave: Math.random() * 4 })
  }

  async #count(manner: Manner): Promise<void> {
    const end = await this.#ask('/count', manner)
    if (end === null) this.#account.unsure++
    else if (end.status === 500 && end.text === 'ERR_SESSION_CONFLICT')
      return this.#note('conflict')
    else if (end.status === 200) this.#account.sure++
    this.#expect(end ? 'counts' : 'leaves', end, 200)
  }

  async #large(manner: Manner): Promise<void> {
    const end = await this.#ask('/large', manner)
    if (end === null) this.#account.unsure++
    else if (end.status === 500 && end.text === 'ERR_SESSION_CONFLICT')
      return this.#note('conflict')
    else if (end.status === 200) this.#account.sure++
    this.#expect(end ? 'reads slowly' : 'leaves', end, 200)
    if (end && end.text.length !== LARGE) this.#problem(`${end.text.length} bytes of ${LARGE} came`)
  }

  async #failing(fault: string): Promise<void> {
    const code = fault.endsWith('hangs') ? 'ERR_SESSION_TIMEOUT' : 'ERR_SESSION_STORE'
    this.#expect(fault, await this.#ask('/count', { fault }), 500, code)
  }

  // The store has written, and its answer does not come.
  async #lost(): Promise<void> {
    this.#account.unsure++
    this.#expect('update:lost', await this.#ask('/count', { fault: 'update:lost' }), 500)
  }

  #expect(kind: string, end: End, status: number, text?: string): void {
    this.#note(kind)
    if (end === null || (end.status === status && (text ?? end.text) === end.text)) return
    this.#problem(`${kind}: got ${end.status} ${end.text.slice(0, 200)}`)
  }

  #note(kind: string): void {
    this.#tally[kind] = (this.#tally[kind] ?? 0) + 1
  }

  #problem(text: string): void {
    if (this.#problems.length < 10) this.#problems.push(text)
  }

  #ask(path: string, manner: Manner = {}): Promise<End> {
    return ask(this.#port, path, this.#account.cookie, manner, this.#agent).catch((error) => {
      this.#problem(`${path}: ${error}`)
      return { status: 0, text: '' }
    })
  }
}

/** Makes one request. Rejects when the connection fails that the client has not left. */
export async function ask(
  port: number,
  path: string,
  cookie: string,
  { leave, fault, slow = false }: Manner = {},
  agent?: Agent,
): Promise<End> {
  const headers = { cookie, ...(fault && { 'x-fault': fault }) }
  const call = get({ port, host: '127.0.0.1', path, headers, ...(agent && { agent }) })
  let left = false
  const leaving =
    leave === undefined
      ? undefined
      : globalThis.setTimeout(() => {
          left = true
          call.destroy()
        }, leave)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      call.on('response', resolve).on('error', reject)
    })
    let text = ''
    for await (const part of response) {
      text += part
      if (slow) await setTimeout(Math.random() * 5)
    }
    return { status: response.statusCode ?? 0, text }
  } catch (error) {
    if (left) return null
    throw error
  } finally {
    clearTimeout(leaving)
  }
}

/** Begins a session: its cookie. */
export async function begin(port: number): Promise<string> {
  const call = get({ port, host: '127.0.0.1', path: '/count', agent: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.on('response', resolve).on('error', reject)
  })
  response.resume()
  return response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}
