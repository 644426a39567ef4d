import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSessions, memoryStore } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { fastifySessions } from '@sojourn/node/fastify'
import fastify, { type FastifyInstance } from 'fastify'

/** What a visitor's session keeps. */
interface Visit {
  cart: Readonly<Record<string, number>>
  device: string
}

const PRODUCE: Readonly<Record<string, number>> = { Quince: 140, Medlar: 210, Damson: 95 }

const page = readFileSync(new URL('page.html', import.meta.url), 'utf8')

/** A fruit stall with an interface of JSON, and one page that speaks it. */
export function createStall(secret: string | Uint8Array = randomBytes(32)): FastifyInstance {
  const sessions = createSessions<Visit>({ store: memoryStore(), secret })
  const visits = fastifySessions(nodeSessions(sessions))
  const app = fastify()
  app.register(visits)

  // `SameSite=Lax` keeps the cookie from forms of other sites; what a sibling site sends is refused here.
  app.addHook('onRequest', async (request, reply) => {
    const site = request.headers['sec-fetch-site'] ?? 'same-origin'
    if (request.method !== 'GET' && site !== 'same-origin') return reply.code(403).send()
    return undefined
  })

  app.get('/', async (_, reply) =>
    reply
      .type('text/html')
      .header(
        'content-security-policy',
        "default-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
      )
      .send(page),
  )

  app.get('/api/cart', async (request) => {
    const session = await visits.open(request)
    return { produce: PRODUCE, cart: session.get('cart') ?? {}, subject: session.subject }
  })

  app.post<{ Params: { name: string } }>('/api/cart/:name', async (request, reply) => {
    const { name } = request.params
    if (!Object.hasOwn(PRODUCE, name)) return reply.code(404).send({ error: 'No such fruit' })
    const session = await visits.open(request)
    // A function, so that two clicks at once both count.
    session.update('cart', (cart = {}) => ({ ...cart, [name]: (cart[name] ?? 0) + 1 }))
    return { cart: session.get('cart') }
  })

  app.post<{ Body: { name: string } }>(
    '/api/sign-in',
    {
      schema: {
        body: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string', minLength: 1, maxLength: 40 } },
        },
      },
    },
    async (request) => {
      const session = await visits.open(request)
      // A new token; what was in the cart stays.
      session.signIn(request.body.name, { method: 'name' })
      session.set('device', deviceOf(request.headers['user-agent']))
      return { subject: session.subject }
    },
  )

  app.get('/api/devices', async (request, reply) => {
    const { subject, id } = await visits.open(request)
    if (subject === null) return reply.code(401).send({ error: 'Nobody is signed in' })
    const list = await sessions.list(subject)
    return list.map(({ data, ...one }) => ({
      id: one.id,
      device: data.device ?? '',
      lastSeenAt: one.lastSeenAt,
      thisOne: one.id === id,
    }))
  })

  app.delete<{ Params: { id: string } }>('/api/devices/:id', async (request, reply) => {
    const session = await visits.open(request)
    const { subject } = session
    if (subject === null) return reply.code(401).send({ error: 'Nobody is signed in' })
    const { id } = request.params
    // One's own also takes the cookie away.
    if (id === session.id) await session.revoke()
    else if (!(await sessions.revoke(id, { subject })))
      return reply.code(404).send({ error: 'No such device' })
    return { ended: id }
  })

  return app
}

function deviceOf(agent = ''): string {
  return ['Firefox', 'Edg', 'Chrome', 'Safari'].find((name) => agent.includes(name)) ?? 'Something'
}
