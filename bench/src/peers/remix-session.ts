import { createCookie } from '@remix-run/cookie'
import { createSession } from '@remix-run/session'
import { createMemorySessionStorage } from '@remix-run/session/memory-storage'
import type { Peer } from '../peer.ts'
import type { Probe } from '../probe.ts'
import { onHono } from './on-hono.ts'

export const remixSession: Peer = {
  name: '@remix-run/session',
  server: 'Hono',
  keeps: 'server',
  stores: ['memory', 'probe'],
  start({ keeping, secrets }, act) {
    const cookie = createCookie('session', { secrets: [...secrets], httpOnly: true })
    const storage =
      keeping.kind === 'probe' ? remixStorage(keeping.probe) : createMemorySessionStorage()
    return onHono([], act, async (c) => {
      const session = await storage.read(await cookie.parse(c.req.header('cookie') ?? null))
      const save = async () => {
        const value = await storage.save(session)
        if (value !== null) c.header('set-cookie', await cookie.serialize(value))
      }
      const put = (key: string, value: string | number) => {
        session.set(key, value)
        return save()
      }
      return {
        get: (key) => session.get(key),
        set: put,
        count: () => put('count', Number(session.get('count') ?? 0) + 1),
        end() {
          session.destroy()
          return save()
        },
        renew() {
          session.regenerateId(true)
          return save()
        },
      }
    })
  },
}

// What its storage for Redis does, on a probe.
function remixStorage(probe: Probe) {
  return {
    async read(id: string | null) {
      const text = id && (await probe.read(id))
      return text ? createSession(id, JSON.parse(text)) : createSession()
    },
    async save(session: ReturnType<typeof createSession>) {
      if (session.deleteId) await probe.delete(session.deleteId)
      if (session.destroyed) {
        await probe.delete(session.id)
        return ''
      }
      if (!session.dirty) return null
      await probe.write(session.id, JSON.stringify(session.data))
      return session.id
    },
  }
}
