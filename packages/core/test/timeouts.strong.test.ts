import { describe, expect, it } from 'vitest'
import { site } from './site.ts'

const start = (session: { set(key: string, value: number): unknown }): unknown =>
  session.set('a', 1)

describe('renewal', () => {
  it('by ten requests at once gives one new token to all of them [G4]', async () => {
    const { begin, visit, clock, happened } = site({ renewalTimeout: 300, renewalGrace: 30 })
    const { cookie } = await visit(null, start)
    clock.advance(300)
    happened()
    const pending = await Promise.all(Array.from({ length: 10 }, () => begin(cookie)))
    const visits = await Promise.all(pending.map(({ commit }) => commit()))
    expect(new Set(visits.map((visit) => visit.cookie)).size).toBe(1)
    expect(happened().filter((type) => type === 'renewed')).toHaveLength(1)
  })
})

// A read that lags knows of no use elsewhere, so with an eventually consistent store it removes nothing.
describe('a session that has expired', () => {
  it('treats an expired record as absent, removes it, and writes under a fresh id [A9]', async () => {
    const { visit, clock, calls, happened } = site({ idleTimeout: 600 })
    const { cookie } = await visit(null, (session) => session.set('a', 1))
    happened()
    clock.advance(601)
    const { cookie: fresh } = await visit(cookie, (session) => {
      expect(session.data).toEqual({})
      session.set('b', 2)
    })
    expect(fresh).not.toBe(cookie)
    expect(calls().slice(1)).toEqual(['read', 'delete', 'create'])
    expect(happened()).toEqual(['expired', 'created'])
  })

  it('is not revived by a clock that goes back [D13]', async () => {
    const { visit, clock } = site()
    const { cookie } = await visit(null, start)
    clock.advance(3600)
    await visit(cookie, (session) => expect(session.data).toEqual({}))
    clock.advance(-3600)
    await visit(cookie, (session) => expect(session.data).toEqual({}))
  })
})
