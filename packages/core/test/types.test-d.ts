import { describe, expectTypeOf, it } from 'vitest'
import {
  createSessions,
  type Json,
  memoryStore,
  type Session,
  type SessionEvent,
} from '../src/index.ts'

interface Shop {
  cart: { id: string; count: number }[]
  visits: number
  locale?: 'en' | 'de'
}

const sessions = createSessions<Shop>({ store: memoryStore() })
declare const session: Session<Shop>
declare const plain: Session<Record<string, Json>>

describe('the types of a session', () => {
  it('come from the generic, and reading may find nothing', () => {
    expectTypeOf(sessions.open).returns.resolves.toEqualTypeOf<Session<Shop>>()
    expectTypeOf(session.get('visits')).toEqualTypeOf<number | undefined>()
    expectTypeOf(session.get('locale')).toEqualTypeOf<'en' | 'de' | undefined>()
    expectTypeOf(session.get('visits')).not.toBeAny()
    expectTypeOf(session.data.visits).toEqualTypeOf<number | undefined>()
  })

  it('refuse keys that are not there and values of another type', () => {
    // @ts-expect-error no such key
    session.get('nothing')
    // @ts-expect-error no such key
    session.delete('nothing')
    // @ts-expect-error not a number
    session.set('visits', 'three')
    // @ts-expect-error not a number
    session.update('visits', () => 'three')
    // @ts-expect-error not one of the two
    session.set('locale', 'fr')
  })

  it('make values read-only to the bottom', () => {
    const cart = session.get('cart')
    expectTypeOf(cart).toEqualTypeOf<
      readonly { readonly id: string; readonly count: number }[] | undefined
    >()
    // @ts-expect-error read-only
    cart?.push({ id: 'lamp', count: 1 })
    // @ts-expect-error read-only
    session.data.visits = 3
    // @ts-expect-error only signIn changes it
    session.subject = 'ada'
  })

  it('let what was read be written again, and a function begin with a default', () => {
    session.update('cart', (cart = []) => [...cart, { id: 'lamp', count: 1 }])
    session.update('cart', (cart) => cart?.filter(({ count }) => count > 0))
    session.update('visits', (n = 0) => n + 1).set('locale', 'en')
    const cart = session.get('cart')
    if (cart) session.set('cart', cart)
  })

  it('are JSON where none are given', () => {
    const untyped = createSessions({ store: memoryStore() })
    expectTypeOf(untyped.open).returns.resolves.toEqualTypeOf<Session<Record<string, Json>>>()
    plain.set('anything', { at: ['all', 1, null] })
    // @ts-expect-error not JSON
    plain.set('when', new Date())
    expectTypeOf(plain.get('anything')).toEqualTypeOf<Json | undefined>()
  })

  it('reach the list of a subject’s sessions', () => {
    type Info = Awaited<ReturnType<typeof sessions.list>>[number]
    expectTypeOf<Info['data']['visits']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Info['deadlines']['idle']>().toBeNumber()
  })
})

describe('an event', () => {
  it('is told apart by its type', () => {
    const event = {} as SessionEvent
    if (event.type === 'expired') expectTypeOf(event.timeout).toEqualTypeOf<'idle' | 'absolute'>()
    if (event.type === 'replayed') expectTypeOf(event.age).toBeNumber()
    // @ts-expect-error not of every type
    void event.timeout
  })
})
