// What a request that does not ask for its session costs through the middleware, against the same
// app without it. Hono calls a lone handler directly, and builds a chain of promises as soon as there
// is any middleware: so the second comparison, with middleware that does nothing, shows what is ours.
// Only the ratios mean something on another machine.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { serve } from '@hono/node-server'
import { createSessions, memoryStore } from '@sojourn/core'
import { recorded } from '@sojourn/core/testing'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import type { Task } from './client.ts'

const url = 'http://localhost/'
const store = recorded(memoryStore())
const sessions = createSessions({ store })
const headers = { cookie: `theme=dark; ${await signIn()}` }

const apps = {
  bare: new Hono().get('/', (c) => c.text('ok')),
  'middleware that does nothing': new Hono()
    .use(async (_, next) => {
      await next()
    })
    .get('/', (c) => c.text('ok')),
  session: new Hono().use(session(sessions)).get('/', (c) => c.text('ok')),
}
const names = Object.keys(apps) as (keyof typeof apps)[]

await check()
await report('in process, app.fetch(new Request), µs', 1000, inProcess)
await report('served on loopback, µs of CPU in the server’s thread', 200, await served())
process.exit()

async function signIn(): Promise<string> {
  const visit = await sessions.open(new Request(url))
  visit.signIn('ada', { method: 'password' })
  const response = await sessions.commit(visit, new Response())
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** The work is the same, and the cookie is a good one. */
async function check(): Promise<void> {
  const known = await sessions.open(new Request(url, { headers }))
  assert.equal(known.subject, 'ada')
  store.calls.splice(0)
  for (const name of names) {
    const response = await apps[name].fetch(new Request(url, { headers }))
    assert.equal(response.status, 200)
    assert.equal(await response.text(), 'ok')
    assert.deepEqual([...response.headers], [['content-type', 'text/plain;charset=UTF-8']])
  }
  assert.deepEqual(store.calls, [])
}

async function inProcess(name: keyof typeof apps): Promise<number> {
  const app = apps[name]
  const requests = 100
  const start = performance.now()
  for (let n = 0; n < requests; n++) await app.fetch(new Request(url, { headers }))
  return ((performance.now() - start) * 1000) / requests
}

async function served(): Promise<typeof inProcess> {
  const client = new Worker(new URL('client.ts', import.meta.url))
  const addresses = new Map<string, string>()
  for (const name of names) {
    const server = serve({ fetch: apps[name].fetch, port: 0, hostname: '127.0.0.1' })
    await once(server, 'listening')
    addresses.set(name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  }
  return async (name) => {
    const task: Task = { url: addresses.get(name) ?? '', headers, requests: 1000 }
    const before = process.threadCpuUsage()
    client.postMessage(task)
    await once(client, 'message')
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / task.requests
  }
}

/** Takes turns, so that whatever else the machine does falls on all of them. */
async function report(title: string, rounds: number, cost: typeof inProcess): Promise<void> {
  const warmUp = Math.ceil(rounds / 10)
  const costs = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const name of shuffled(names)) {
      const spent = await cost(name)
      if (round >= warmUp) costs.get(name)?.push(spent)
    }
  }
  console.log(`\n${title}; ${rounds} rounds by turns: median (10 % … 90 %)\n`)
  for (const name of names) {
    console.log(`  ${name.padEnd(30)} ${spread(costs.get(name) ?? [])}`)
  }
  for (const [name, base] of [
    ['session', 'bare'],
    ['session', 'middleware that does nothing'],
    ['middleware that does nothing', 'bare'],
  ] as const) {
    const ratios = costs.get(name)?.map((spent, n) => spent / (costs.get(base)?.[n] ?? 0)) ?? []
    console.log(`  ${`${name} / ${base}`.padEnd(46)} × ${spread(ratios)}`)
  }
}

// In no order that repeats: one would pay for another's garbage.
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

function spread(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, median, high] = [0.1, 0.5, 0.9].map((share) =>
    (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3),
  )
  return `${median} (${low} … ${high})`
}
