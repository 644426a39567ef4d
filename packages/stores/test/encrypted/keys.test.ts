import { memoryStore } from '@sojourn/core'
import { encrypted } from '@sojourn/stores/encrypted'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sample } from '../kit/records.ts'
import { KEY, OLD_KEY, refuses, sealed } from './sealed.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const decoder = new TextDecoder()
const textOf = ({ data }: { data: object }) => (data as { sealed: string }).sealed

describe('keys', () => {
  it('seal under the first, and unseal what was sealed under any, until the next write', async () => {
    const { raw, record, kept, until } = await sealed()
    const [, name] = textOf(await kept()).split('.')
    const NEW_KEY = 'a key of 32 bytes, for next year'
    const rotated = encrypted(raw, [NEW_KEY, KEY])
    expect(await rotated.read(record.id)).toEqual(record)
    const next = { ...record, version: 2 }
    await rotated.update(next, until())
    expect(textOf(await kept()).split('.')[1]).not.toBe(name)
    expect(await encrypted(raw, NEW_KEY).read(record.id)).toEqual(next)
    await refuses(encrypted(raw, KEY), record.id, 'unknown-key')
  })

  it('that is taken away leaves its sessions unread, and they are there again when it is back', async () => {
    const { raw, store, record } = await sealed()
    await refuses(encrypted(raw, OLD_KEY), record.id, 'unknown-key')
    expect(await store.read(record.id)).toEqual(record)
  })

  it('are the same as text, as bytes and as an HKDF key that nobody can take out', async () => {
    const { raw, record } = await sealed()
    const usages: KeyUsage[] = ['deriveBits']
    const key = await crypto.subtle.importKey('raw', bytes(KEY), 'HKDF', false, usages)
    for (const same of [KEY, bytes(KEY), key, [KEY]] as const) {
      expect(await encrypted(raw, same).read(record.id)).toEqual(record)
    }
  })

  it('do not change with a buffer that is wiped', async () => {
    const { raw, record } = await sealed()
    const buffer = bytes(KEY)
    const store = encrypted(raw, buffer)
    buffer.fill(0)
    expect(await store.read(record.id)).toEqual(record)
  })

  it('are named by their place when they are none, and never shown', async () => {
    const usages: KeyUsage[] = ['sign']
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const mac = await crypto.subtle.importKey('raw', bytes(KEY), hmac, false, usages)
    const other = await crypto.subtle.importKey('raw', bytes(KEY), 'HKDF', false, ['deriveKey'])
    const expected = 'must be at least 32 bytes or an HKDF key that derives bits'
    for (const bad of [
      undefined,
      null,
      '',
      'short secret',
      KEY.slice(0, 31),
      bytes('x'),
      5,
      mac,
      other,
    ]) {
      expect(() => encrypted(memoryStore(), bad as never)).toThrow(
        new TypeError(`"keys[0]" ${expected}`),
      )
      expect(() => encrypted(memoryStore(), [KEY, bad as never])).toThrow(
        new TypeError(`"keys[1]" ${expected}`),
      )
    }
    expect(() => encrypted(memoryStore(), [])).toThrow(new TypeError('"keys" must not be empty'))
    expect(() => encrypted(undefined as never, KEY)).toThrow(
      new TypeError('"store" must be a store, got undefined'),
    )
  })

  it('never seal with one nonce twice, nor the same data to the same text', async () => {
    const { raw, store, record, kept, until } = await sealed()
    const texts = new Set<string>()
    const nonces = new Set<string>()
    const writes = 3000
    for (let version = 2; version < writes + 2; version++) {
      expect(await store.update({ ...record, version }, until())).toBe('updated')
      const text = textOf(await kept())
      texts.add(text)
      nonces.add(text.split('.')[2]?.slice(0, 16) ?? '')
    }
    expect([texts.size, nonces.size]).toEqual([writes, writes])
    expect((await raw.read(record.id))?.version).toBe(writes + 1)
  })
})

describe('the keys of sessions', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('are one each, derived once for the last thousand sessions, and not kept for more', async () => {
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    const memory = memoryStore()
    const store = encrypted(memory, KEY)
    const now = Date.now()
    const records = Array.from({ length: 1001 }, () => sample(now))
    for (const record of records) await store.create(record, now + 60_000)
    // One more for the key's name.
    expect(derive).toHaveBeenCalledTimes(1002)
    await store.read(records.at(-1)?.id ?? '')
    await store.read(records[1]?.id ?? '')
    expect(derive).toHaveBeenCalledTimes(1002)
    await store.read(records[0]?.id ?? '')
    expect(derive).toHaveBeenCalledTimes(1003)
    const infos = derive.mock.calls.map(([hkdf]) => decoder.decode((hkdf as HkdfParams).info))
    expect(new Set(infos).size).toBe(1002)
  })
})
