import { inspect } from 'node:util'
import { createSessions, type SessionEvent } from '@sojourn/core'
import { recorded } from '@sojourn/core/testing'
import { encrypted } from '@sojourn/stores/encrypted'
import { describe, expect, it } from 'vitest'
import { sample } from '../kit/records.ts'
import { KEY, PRIVATE, refuses, sealed } from './sealed.ts'

const textOf = ({ data }: { data: object }) => (data as { sealed: string }).sealed

describe('whoever can write to the store, but has no key,', () => {
  it('cannot change a bit of what is sealed', async () => {
    const { store, record, kept, plant } = await sealed()
    const original = await kept()
    const text = textOf(original)
    for (let at = 0; at < text.length; at++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
        const changed = text.slice(0, at) + flipped + text.slice(at + 1)
        await plant({ ...original, data: { sealed: changed } })
        await expect(store.read(record.id), `bit ${bit} of ${at}`).rejects.toThrow('unsealed')
      }
    }
    await plant(original)
    expect(await store.read(record.id)).toEqual(record)
  })

  // One length for each way in which base64url ends.
  it.each(['', 'x', 'xx'])('cannot cut it short, or add to it: %j', async (text) => {
    const { store, record, kept, plant } = await sealed({ data: { text } })
    const original = await kept()
    const whole = textOf(original)
    const cut = Array.from(whole, (_, length) => whole.slice(0, length))
    const longer = ['A', 'AA', 'AAA', 'AAAA', '=', '\n'].map((more) => whole + more)
    for (const sealed of [...cut, ...longer, ` ${whole}`]) {
      await plant({ ...original, data: { sealed } })
      await expect(store.read(record.id), sealed).rejects.toThrow('unsealed')
    }
  })

  it.each([
    ['id', 'x'.repeat(32)],
    ['id', null],
    ['subject', 'root'],
    ['subject', null],
    ['version', 2],
    ['format', 2],
    ['generation', 1],
    ['graceUntil', 2e12],
    ['createdAt', 2e12],
    ['startedAt', 2e12],
    ['generatedAt', 2e12],
    ['persistent', true],
  ])('cannot change a fact that stays legible: %s to %s', async (fact, value) => {
    const { store, record, kept, plant } = await sealed()
    await plant({ ...(await kept()), [fact]: value })
    await refuses(store, record.id, 'damaged')
  })

  it('can move `lastSeenAt`, as a touch does, and make it nothing but an instant', async () => {
    const { store, record, kept, plant } = await sealed()
    const original = await kept()
    await plant({ ...original, lastSeenAt: record.lastSeenAt + 5 })
    expect(await store.read(record.id)).toEqual({ ...record, lastSeenAt: record.lastSeenAt + 5 })
    for (const lastSeenAt of [null, 'soon', {}, undefined]) {
      await plant({ ...original, lastSeenAt })
      await refuses(store, record.id, 'damaged')
    }
  })

  it('cannot move data to another session, in part or whole', async () => {
    const { clock, store, record, kept, plant, until } = await sealed()
    const other = sample(clock(), { ...PRIVATE, subject: 'eve', data: { role: 'admin' } })
    await store.create(other, until())
    const [mine, theirs] = [await kept(), await kept(other.id)]
    await plant({ ...mine, data: theirs.data })
    await refuses(store, record.id, 'damaged')
    await plant({ ...theirs, id: record.id })
    await refuses(store, record.id, 'damaged')
    await plant(theirs)
    await refuses(store, record.id, 'damaged')
  })

  it('cannot put a session’s older data into its newer record', async () => {
    const { store, record, kept, plant, until } = await sealed()
    const older = await kept()
    await store.update({ ...record, version: 2, data: { cart: [] } }, until())
    const newer = await kept()
    await plant({ ...newer, data: older.data })
    await refuses(store, record.id, 'damaged')
  })

  it('cannot add anything that is taken for the session’s', async () => {
    const { store, record, kept, plant } = await sealed()
    const { data, ...rest } = await kept()
    await plant({
      ...rest,
      data: { ...data, role: 'admin' },
      device: { label: 'mine' },
      authentications: [{ method: 'totp', at: 0 }],
      tenant: 'acme',
    })
    expect(await store.read(record.id)).toEqual(record)
  })

  it.each([
    ['data as others write them', { role: 'admin' }],
    ['no data', {}],
    ['null', null],
    ['nothing', undefined],
    ['a text', '1.AAAAAAAA.AAAA'],
    ['a sealed text that is none', { sealed: { role: 'admin' } }],
    ['an empty one', { sealed: '' }],
    ['one of another format', { sealed: '2.AAAAAAAA.AAAA' }],
  ])('has nothing read that was never sealed: %s', async (_, data) => {
    const { store, record, plant } = await sealed()
    await plant({ ...record, data })
    await refuses(store, record.id, 'not-sealed')
  })
})

describe('a record that cannot be unsealed', () => {
  const request = (cookie: string) => new Request('https://app.test/', { headers: { cookie } })

  it('fails the request with a `SessionError`: no session is begun in its place, and it stays', async () => {
    const { clock, raw, kept, plant } = await sealed()
    const store = recorded(encrypted(raw, KEY))
    const events: SessionEvent[] = []
    const { open, commit } = createSessions({
      store,
      secret: KEY,
      clock,
      onEvent: (event) => void events.push(event),
    })
    const first = (await open(request(''))).set('cart', ['green tea'])
    const answer = await commit(first, new Response())
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const id = first.id ?? ''
    await plant({ ...(await kept(id)), generation: 7 }, id)
    store.calls.splice(0)

    const failure = open(request(cookie))
    await expect(failure).rejects.toMatchObject({
      name: 'SessionError',
      code: 'ERR_SESSION_STORE',
      cause: { name: 'UnsealError', id, reason: 'damaged' },
    })
    expect(store.calls.map(({ verb }) => verb)).toEqual(['read'])
    expect(events.at(-1)).toMatchObject({ type: 'store-failure', id, operation: 'read' })
    expect(await kept(id)).toMatchObject({ generation: 7 })
  })

  it('is told of without a word of what it held, or of the keys', async () => {
    const { store, record, kept, plant } = await sealed()
    const original = await kept()
    const text = textOf(original)
    const [format, name, body] = text.split('.') as [string, string, string]
    for (const [sealed, reason] of [
      [`${format}.${name}.${body.slice(0, -4)}`, 'damaged'],
      [`${format}.AAAAAAAA.${body}`, 'unknown-key'],
      [JSON.stringify(record.data), 'not-sealed'],
    ] as const) {
      await plant({ ...original, data: { sealed } })
      const error = await refuses(store, record.id, reason)
      expect(error.message).toBe(`Session ${record.id} cannot be unsealed: ${reason}`)
      expect(error.cause).toBeUndefined()
      expect(inspect({ ...error }, { depth: 9 })).not.toMatch(/green tea|passkey|32 bytes/)
    }
  })
})
