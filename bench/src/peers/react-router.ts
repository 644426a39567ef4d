import { createMemorySessionStorage, createSessionStorage } from 'react-router'
import type { Keeping, Peer } from '../peer.ts'
import { onHono } from './on-hono.ts'

type Data = Record<string, string | number>

export const reactRouter: Peer = {
  name: 'react-router',
  server: 'Hono',
  keeps: 'server',
  stores: ['memory', 'probe'],
  start({ keeping, secrets }, act) {
    const cookie = { name: 'session', secrets: [...secrets], httpOnly: true }
    const { getSession, commitSession, destroySession } =
      keeping.kind === 'probe'
        ? createSessionStorage<Data>({ cookie, ...routerStorage(keeping) })
        : createMemorySessionStorage<Data>({ cookie })
    return onHono([], act, async (c) => {
      const session = await getSession(c.req.header('cookie'))
      const put = async (key: string, value: string | number) => {
        session.set(key, value)
        c.header('set-cookie', await commitSession(session))
      }
      return {
        get: (key) => session.get(key),
        set: put,
        count: () => put('count', Number(session.get('count') ?? 0) + 1),
        end: async () => c.header('set-cookie', await destroySession(session)),
      }
    })
  },
}

function routerStorage({ probe }: Extract<Keeping, { kind: 'probe' }>) {
  return {
    async createData(data: object) {
      const id = crypto.randomUUID()
      await probe.write(id, JSON.stringify(data))
      return id
    },
    async readData(id: string) {
      return JSON.parse((await probe.read(id)) ?? 'null')
    },
    updateData: (id: string, data: object) => probe.write(id, JSON.stringify(data)),
    deleteData: (id: string) => probe.delete(id),
  }
}
