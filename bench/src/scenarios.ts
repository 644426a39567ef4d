import assert from 'node:assert/strict'
import { application } from './act.ts'
import { type Ask, after, asking } from './client.ts'
import type { Keeping, Peer, Site } from './peer.ts'

export const SECRETS = [
  '0123456789abcdef0123456789abcdef-the-newest',
  'fedcba9876543210fedcba9876543210-the-former',
] as const

/** What other cookies a browser sends along. */
const OTHERS = 'theme=dark; _ga=GA1.1.1234567890.1234567890; locale=en-GB'

/** One kind of request, and what the right answer to it is. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly path: string
  /** The cookie that the request has. */
  cookie(ask: Ask): Promise<string>
  /** The text, or what it must be true of. */
  readonly text: string | RegExp
  readonly sets: boolean
}

const none = async (): Promise<string> => OTHERS

async function signedIn(ask: Ask): Promise<string> {
  return `${OTHERS}; ${after(await ask('/create'))}`
}

async function forged(ask: Ask): Promise<string> {
  const cookie = after(await ask('/create'))
  return `${OTHERS}; ${cookie.split('; ').map(tampered).join('; ')}`
}

// One letter of the value is another, past the middle, where signatures are.
function tampered(pair: string): string {
  const at = pair.indexOf('=')
  const value = decodeURIComponent(pair.slice(at + 1))
  const middle = Math.floor((value.length * 2) / 3)
  const letter = value[middle] === 'A' ? 'B' : 'A'
  return `${pair.slice(0, at)}=${encodeURIComponent(value.slice(0, middle) + letter + value.slice(middle + 1))}`
}

async function revoked(ask: Ask): Promise<string> {
  const cookie = await signedIn(ask)
  await ask('/end', cookie)
  return cookie
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'untouched',
    title: 'nobody asks for the session',
    path: '/untouched',
    cookie: signedIn,
    text: 'ok',
    sets: false,
  },
  {
    name: 'read',
    title: 'one key is read',
    path: '/read',
    cookie: signedIn,
    text: 'ada',
    sets: false,
  },
  {
    name: 'write',
    title: 'one is counted up',
    path: '/write',
    cookie: signedIn,
    text: /^[1-9]\d*$/,
    sets: false,
  },
  {
    name: 'anonymous',
    title: 'a visitor without a cookie; one key is looked for',
    path: '/read',
    cookie: none,
    text: '-',
    sets: false,
  },
  {
    name: 'create',
    title: 'a first value is set',
    path: '/create',
    cookie: none,
    text: 'ok',
    sets: true,
  },
  {
    name: 'forged',
    title: 'a cookie that somebody has changed',
    path: '/read',
    cookie: forged,
    text: '-',
    sets: false,
  },
  {
    name: 'revoked',
    title: 'a cookie whose session has ended',
    path: '/read',
    cookie: revoked,
    text: '-',
    sets: false,
  },
]

export interface Prepared {
  /** One request of the scenario, of one of as many clients. */
  run(client: number): Promise<void>
}

/** Gets a scenario ready, and makes sure that its answers are right. Says what is wrong where they are not. */
export async function prepare(
  peer: Peer,
  site: Site,
  scenario: Scenario,
  clients = 1,
): Promise<Prepared | string> {
  if (peer.cannot?.includes(scenario.name)) return 'cannot'
  const ask = asking(site)
  const cookie = await scenario.cookie(ask)
  const { path, text, sets } = scenario
  // Bare handlers have no session, and stand for what everything else costs.
  if (peer.keeps !== false) {
    for (let time = 0; time < 3; time++) {
      const answer = await ask(path, cookie)
      const right = typeof text === 'string' ? answer.text === text : text.test(answer.text)
      if (answer.status !== 200 || !right)
        return `answered ${answer.status} ${JSON.stringify(answer.text.slice(0, 40))}`
      if (sets && answer.cookies.length === 0) return 'set no cookie'
    }
  }
  // Who writes at the same time writes to sessions of their own.
  const cookies = [cookie]
  while (scenario.name === 'write' && cookies.length < clients)
    cookies.push(await scenario.cookie(ask))
  return { run: async (client) => void (await ask(path, cookies[client % cookies.length])) }
}

export async function start(peer: Peer, keeping: Keeping): Promise<Site> {
  const site = await peer.start({ keeping, secrets: SECRETS }, application())
  assert.ok(site.fetch ?? site.listener)
  return site
}
