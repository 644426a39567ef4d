import { describe, expect, it } from 'vitest'
import { clock } from '../src/testing/index.ts'

describe('a clock', () => {
  it('starts with the year 2026, in every run', () => {
    expect(new Date(clock()()).toISOString()).toBe('2026-01-01T00:00:00.000Z')
  })

  it('starts when it is told', () => {
    expect(clock(1234)()).toBe(1234)
  })

  it('stands still', async () => {
    const now = clock()
    const before = now()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(now()).toBe(before)
  })

  it('advances by seconds, to the millisecond, and goes back', () => {
    const now = clock(0)
    now.advance(90)
    expect(now()).toBe(90_000)
    now.advance(0.001)
    expect(now()).toBe(90_001)
    now.advance(-60)
    expect(now()).toBe(30_001)
  })

  it('is set to an instant', () => {
    const now = clock()
    now.set(Date.UTC(2030, 0))
    expect(new Date(now()).getUTCFullYear()).toBe(2030)
  })

  it('keeps its time to itself', () => {
    const [one, other] = [clock(0), clock(0)]
    one.advance(1)
    expect(other()).toBe(0)
  })
})
