import { createSessions, memoryStore } from '@sojourn/core'
import { measure } from './allocation.ts'

// What requests to the core take, without a server and without the Web's objects, printed as JSON.
const sessions = createSessions<{ visits: number }>({
  store: memoryStore(),
  secret: 'a secret of the application, 32 bytes or more',
})
const response = new Response('body')
const none = { headers: { get: () => null } }
const first = await sessions.open(none)
first.set('visits', 1)
const made = await sessions.commit(first, response)
const cookie = made.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''

const known = { headers: { get: () => cookie } }
const forged = { headers: { get: () => `${cookie.slice(0, -4)}AAAA` } }

const requests = {
  async anonymous() {
    const session = await sessions.open(none)
    session.get('visits')
    await sessions.commit(session, response)
  },
  async read() {
    const session = await sessions.open(known)
    session.get('visits')
    await sessions.commit(session, response)
  },
  async write() {
    const session = await sessions.open(known)
    session.update('visits', (visits = 0) => visits + 1)
    await sessions.commit(session, response)
  },
  async forged() {
    const session = await sessions.open(forged)
    session.get('visits')
    await sessions.commit(session, response)
  },
}

const seen: Record<string, unknown> = {}
for (const [name, request] of Object.entries(requests)) seen[name] = await measure(request)
process.stdout.write(JSON.stringify(seen))
