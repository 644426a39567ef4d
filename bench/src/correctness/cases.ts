import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { type Ask, after } from '../client.ts'
import type { Peer } from '../peer.ts'
import { SECRETS } from '../scenarios.ts'
import { cachingProxy, hasProxy } from './caching-proxy.ts'
import { onStage, probeFor, type Stage } from './stage.ts'

/** `yes`, `no`, or a dash with the reason for which there is nothing to see. */
export type Verdict = 'yes' | 'no' | `– ${string}`

/** One thing that goes right or wrong. */
export interface Case {
  readonly title: string
  run(peer: Peer): Promise<Verdict>
}

const said = (right: boolean): Verdict => (right ? 'yes' : 'no')

/** What the store is made to do, for those that keep sessions in one. */
function withStore(
  peer: Peer,
  act: (stage: Stage, probe: NonNullable<Stage['probe']>) => Promise<Verdict>,
): Promise<Verdict> {
  return onStage(peer, async (stage) => {
    if (stage.probe) return act(stage, stage.probe)
    return peer.keeps === 'cookie' ? '– no store' : '– not tried'
  })
}

export const cases: readonly Case[] = [
  {
    title: 'Two requests set different keys at once: both are kept',
    run: (peer) =>
      onStage(peer, async ({ ask, hold }) => {
        if (peer.cannot?.includes('write')) return '– no data'
        const jar = await signedIn(ask)
        const slow = hold('/set/left')
        const left = ask('/set/left', jar)
        await slow.held
        const right = await ask('/set/right', jar)
        slow.open()
        const last = after(await left, after(right, jar))
        return said((await ask('/all/user,left,right', last)).text === 'ada,set,set')
      }),
  },
  {
    title: 'A request writes after another has signed out: the session stays ended',
    run: (peer) =>
      peer.cannot?.includes('write')
        ? Promise.resolve('– no data')
        : resurrected(peer, '/set/left'),
  },
  {
    title: 'A request only reads while another signs out: the session stays ended',
    run: (peer) => resurrected(peer, '/read'),
  },
  {
    title: 'After signing out, the former cookie opens nothing',
    run: (peer) =>
      onStage(peer, async ({ ask }) => {
        const jar = await signedIn(ask)
        await ask('/end', jar)
        return said((await ask('/read', jar)).text === '-')
      }),
  },
  {
    title: 'Who has the head of the answer, as of a redirect, can rely on the write',
    run: (peer) =>
      withStore(peer, async ({ ask, askHead }, probe) => {
        const jar = await signedIn(ask)
        probe.wait = (verb) => (verb === 'write' ? setTimeout(50) : undefined)
        const next = after(await askHead('/set/left', jar), jar)
        return said((await ask('/all/left', next)).text === 'set')
      }),
  },
  {
    title: 'After a renewal, the former cookie opens nothing',
    run: (peer) =>
      onStage(peer, async ({ ask }) => {
        const jar = await signedIn(ask)
        const answer = await ask('/renew', jar)
        if (answer.text === 'cannot') return '– no renewal'
        const renewed = after(answer, jar)
        // Once somebody has come with the new one.
        for (let time = 0; time < 2; time++) await ask('/read', renewed)
        return said(renewed !== jar && (await ask('/read', jar)).text === '-')
      }),
  },
  {
    title: 'The store fails to read: the client is told, and is signed in when it works again',
    run: (peer) =>
      withStore(peer, async ({ ask }, probe) => {
        const jar = await signedIn(ask)
        probe.failing.add('read')
        const failed = await ask('/read', jar)
        probe.failing.clear()
        const next = await ask('/read', after(failed, jar))
        return said(failed.status === 500 && next.text === 'ada')
      }),
  },
  {
    title: 'The store fails to write: the client is told',
    run: (peer) =>
      withStore(peer, async ({ ask }, probe) => {
        const jar = await signedIn(ask)
        probe.failing.add('write')
        return said((await ask('/set/left', jar)).status === 500)
      }),
  },
  {
    title: 'Data that no cookie can hold are kept, or refused with an error',
    run: (peer) =>
      onStage(peer, async ({ ask }) => {
        if (peer.cannot?.includes('write')) return '– no data'
        const jar = await signedIn(ask)
        const filled = await ask('/fill/4097', jar)
        if (filled.status !== 200) return 'yes'
        // Browsers drop a cookie whose name and value are longer than 4096 bytes together.
        const fits = ({ length }: string): boolean => length <= 4096
        const cookies = filled.cookies.filter((line) => fits(line.split(';', 1)[0] ?? ''))
        return said(
          (await ask('/all/text', after({ ...filled, cookies }, jar))).text.length === 4097,
        )
      }),
  },
  {
    title: 'A shared cache gives nobody the cookie, or the page, of somebody else',
    run: (peer) =>
      onStage(peer, async ({ port }) => {
        if (!hasProxy()) return '– no nginx'
        const proxy = await cachingProxy(port)
        try {
          const ada = after(await proxy.ask('/create'))
          if (after(await proxy.ask('/create')) === ada) return 'no'
          const page = await proxy.ask('/read', ada)
          return said(page.text === 'ada' && (await proxy.ask('/read')).text === '-')
        } finally {
          await proxy.end()
        }
      }),
  },
  {
    title: 'A new secret stands before the former one: people stay signed in',
    async run(peer) {
      const probe = probeFor(peer)
      if (peer.keeps === 'server' && !probe) return '– not tried'
      const [newest, former] = SECRETS
      const jar = await onStage(peer, ({ ask }) => signedIn(ask), { probe, secrets: [former] })
      const read = ({ ask }: Stage): Promise<Verdict> =>
        ask('/read', jar).then(({ text }) => said(text === 'ada'))
      return onStage(peer, read, { probe, secrets: [newest, former] })
    },
  },
]

async function signedIn(ask: Ask): Promise<string> {
  const jar = after(await ask('/create'))
  assert.equal((await ask('/read', jar)).text, 'ada')
  return jar
}

async function resurrected(peer: Peer, path: string): Promise<Verdict> {
  return onStage(peer, async ({ ask, hold }) => {
    const jar = await signedIn(ask)
    const slow = hold(path)
    const late = ask(path, jar)
    await slow.held
    await ask('/end', jar)
    slow.open()
    const known = [jar, after(await late, jar)]
    const texts = await Promise.all(known.map(async (cookie) => (await ask('/read', cookie)).text))
    return said(texts.every((text) => text === '-'))
  })
}
