import session, { MemoryStore, type SessionData, Store } from 'express-session'
import type { Keeping, Peer } from '../peer.ts'
import type { Probe } from '../probe.ts'
import { onExpress } from './on-express.ts'

type Data = Record<string, string | number>

type Done = (error?: unknown) => void

export const expressSession: Peer = {
  name: 'express-session',
  server: 'Express',
  keeps: 'server',
  stores: ['memory', 'probe', 'redis'],
  async start({ keeping, secrets }, act) {
    const { store, close } = await connectStoreFor(keeping)
    const middleware = session({
      store,
      secret: [...secrets],
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 3_600_000 },
    })
    const site = onExpress([middleware], act, (request: { session: session.Session & Data }) => ({
      get: (key) => request.session[key],
      set: (key, value) => void Object.assign(request.session, { [key]: value }),
      count: () =>
        Object.assign(request.session, { count: Number(request.session['count'] ?? 0) + 1 }),
      end: () => called((done) => request.session.destroy(done)),
      renew: () => called((done) => request.session.regenerate(done)),
    }))
    return { ...site, close }
  },
}

function called(work: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())))
}

async function connectStoreFor(
  keeping: Keeping,
): Promise<{ store: Store; close: () => Promise<void> }> {
  if (keeping.kind === 'memory') return { store: new MemoryStore(), close: async () => {} }
  if (keeping.kind === 'probe')
    return { store: new ProbedStore(keeping.probe), close: async () => {} }
  const { createClient } = await import('redis')
  const { RedisStore } = await import('connect-redis')
  const client = createClient({ url: keeping.url })
  await client.connect()
  return { store: new RedisStore({ client }), close: async () => void (await client.close()) }
}

class ProbedStore extends Store {
  readonly #probe: Probe

  constructor(probe: Probe) {
    super()
    this.#probe = probe
  }

  override get(id: string, done: (error: unknown, data?: SessionData | null) => void): void {
    this.#probe.read(id).then((text) => done(null, text ? JSON.parse(text) : null), done)
  }

  override set(id: string, data: SessionData, done: Done = () => {}): void {
    this.#probe.write(id, JSON.stringify(data)).then(() => done(), done)
  }

  override touch(id: string, data: SessionData, done: Done = () => {}): void {
    this.set(id, data, done)
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#probe.delete(id).then(() => done(), done)
  }
}
