import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Context } from 'hono'
import type { Peer, Visit } from '../peer.ts'
import { onHono } from './on-hono.ts'

// The least code that does the same work for one application: a random token, signed, hashed for the store; data as JSON text; two
// timeouts; a version that is compared; a cookie for HTTPS alone. No rotation, no patches, no events, no index, no faults.
const NAME = '__Host-id'
const IDLE = 1_800_000
const ABSOLUTE = 86_400_000

interface Kept {
  text: string
  version: number
  readonly createdAt: number
  lastSeenAt: number
}

export const floor: Peer = {
  name: 'hand-written floor',
  server: 'Hono',
  keeps: 'server',
  stores: ['memory'],
  start({ secrets }, act) {
    const open = floorOf(secrets[0])
    return onHono([], act, open)
  },
}

function floorOf(secret: string): (c: Context) => Promise<Visit> {
  const kept = new Map<string, Kept>()
  const read = async (id: string): Promise<Kept | undefined> => kept.get(id)
  const keyed = hmac.create(sha256, Buffer.from(secret))
  const spare = keyed.clone()
  const pool = Buffer.alloc(4096)
  let used = pool.length

  function sign(token: string): string {
    return Buffer.from(keyed._cloneInto(spare).update(Buffer.from(token)).digest()).toString(
      'base64url',
    )
  }

  function draw(): string {
    if (used === pool.length) {
      crypto.getRandomValues(pool)
      used = 0
    }
    used += 32
    return pool.toString('base64url', used - 32, used)
  }

  function isEqual(left: string, right: string): boolean {
    let difference = left.length ^ right.length
    for (let index = 0; index < right.length; index++) {
      difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
    }
    return difference === 0
  }

  const idOf = (token: string): string =>
    Buffer.from(sha256(Buffer.from(token))).toString('base64url')

  function tokenIn(cookies: string | undefined): string | undefined {
    const at = cookies?.indexOf(`${NAME}=`) ?? -1
    if (!cookies || at === -1 || (at > 0 && cookies[at - 1] !== ' ' && cookies[at - 1] !== ';'))
      return undefined
    const end = cookies.indexOf(';', at)
    const value = cookies.slice(at + NAME.length + 1, end === -1 ? cookies.length : end)
    const dot = value.indexOf('.')
    const token = value.slice(0, dot)
    return dot === 43 && isEqual(value.slice(dot + 1), sign(token)) ? token : undefined
  }

  return async (c) => {
    c.header('vary', 'Cookie')
    const token = tokenIn(c.req.header('cookie'))
    let id = token && idOf(token)
    let record = id === undefined ? undefined : await read(id)
    const now = Date.now()
    if (record && (now >= record.lastSeenAt + IDLE || now >= record.createdAt + ABSOLUTE)) {
      kept.delete(id as string)
      record = undefined
    }
    let data: Record<string, unknown> = record ? JSON.parse(record.text) : {}
    if (record && now - record.lastSeenAt > IDLE / 10) record.lastSeenAt = now
    if (record) c.header('cache-control', 'private, no-store')

    async function write(change: (data: Record<string, unknown>) => void): Promise<void> {
      if (!record) {
        const fresh = draw()
        id = idOf(fresh)
        change(data)
        record = { text: JSON.stringify(data), version: 1, createdAt: now, lastSeenAt: now }
        kept.set(id, record)
        c.header(
          'set-cookie',
          `${NAME}=${fresh}.${sign(fresh)}; Path=/; Secure; HttpOnly; SameSite=Lax`,
        )
        c.header('cache-control', 'private, no-store')
        return
      }
      for (;;) {
        const seen = await read(id as string)
        if (!seen) return
        const { version } = seen
        data = JSON.parse(seen.text)
        change(data)
        const text = JSON.stringify(data)
        if (seen.version !== version) continue
        kept.set(id as string, { ...seen, text, version: version + 1 })
        return
      }
    }

    return {
      get: (key) => data[key],
      set: (key, value) => write((data) => Object.assign(data, { [key]: value })),
      count: () => write((data) => Object.assign(data, { count: Number(data['count'] ?? 0) + 1 })),
      end() {
        if (id !== undefined) kept.delete(id)
        c.header('set-cookie', `${NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`)
      },
    }
  }
}
