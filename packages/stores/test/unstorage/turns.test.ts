import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { busy, inTurn, type Turn } from '../../src/unstorage/turns.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const newId = () => randomBytes(24).toString('base64url')

/** Work that ends when it is told to. */
function work() {
  const end = Promise.withResolvers<string>()
  let turn: Turn | null = null
  return {
    end: () => end.resolve('done'),
    fail: () => end.reject(new Error('lost')),
    begun: () => turn !== null,
    check: () => turn?.check(),
    go(own: Turn) {
      turn = own
      return end.promise
    },
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

describe('turns with a session', () => {
  it('are taken one after the other by those that write, in the order in which they came', async () => {
    const id = newId()
    const [a, b, c] = [work(), work(), work()] as const
    const turns = [a, b, c].map((one) => inTurn(id, 'alone', one.go))
    await settle()
    expect([a, b, c].map((one) => one.begun())).toEqual([true, false, false])
    a.end()
    await settle()
    expect([a, b, c].map((one) => one.begun())).toEqual([true, true, false])
    for (const one of [b, c]) one.end()
    expect(await Promise.all(turns)).toEqual(['done', 'done', 'done'])
  })

  it('are shared by those that read, and no writer comes between', async () => {
    const id = newId()
    const [first, second, writer, third] = [work(), work(), work(), work()] as const
    const turns = [
      inTurn(id, 'together', first.go),
      inTurn(id, 'together', second.go),
      inTurn(id, 'alone', writer.go),
      inTurn(id, 'together', third.go),
    ]
    await settle()
    expect([first, second, writer, third].map((one) => one.begun())).toEqual([
      true,
      true,
      false,
      false,
    ])
    first.end()
    await settle()
    expect(writer.begun()).toBe(false)
    second.end()
    await settle()
    expect([writer.begun(), third.begun()]).toEqual([true, false])
    writer.end()
    third.end()
    await Promise.all(turns)
  })

  it('are nobody’s business who works on another session', async () => {
    const [a, b] = [work(), work()]
    const turns = [a, b].map((one) => inTurn(newId(), 'alone', one.go))
    await settle()
    expect(b.begun()).toBe(true)
    for (const one of [a, b]) one.end()
    await Promise.all(turns)
  })

  it('pass on after one that fails', async () => {
    const id = newId()
    const [a, b] = [work(), work()]
    const failed = inTurn(id, 'alone', a.go).catch((error: Error) => error.message)
    const next = inTurn(id, 'alone', b.go)
    a.fail()
    b.end()
    expect([await failed, await next]).toEqual(['lost', 'done'])
  })

  it('pass on after 2.5 s from one that never ends, which may not write any more', async () => {
    const id = newId()
    const [hung, next] = [work(), work()]
    const first = inTurn(id, 'alone', hung.go)
    await vi.advanceTimersByTimeAsync(1000)
    const second = inTurn(id, 'alone', next.go)
    await vi.advanceTimersByTimeAsync(1499)
    expect(next.begun()).toBe(false)
    expect(hung.check).not.toThrow()
    await vi.advanceTimersByTimeAsync(1)
    expect(next.begun()).toBe(true)
    expect(hung.check).toThrow('The storage took so long that others have gone ahead')
    expect(next.check).not.toThrow()
    hung.end()
    next.end()
    await Promise.all([first, second])
  })

  it('let one that is slow write for as long as nobody else has come', async () => {
    const slow = work()
    const turn = inTurn(newId(), 'alone', slow.go)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(slow.check).not.toThrow()
    slow.end()
    expect(await turn).toBe('done')
  })

  it.each(['alone', 'together'] as const)(
    'leave one that is late behind also when the next comes after its time: %s',
    async (how) => {
      const id = newId()
      const [late, next] = [work(), work()]
      const first = inTurn(id, 'alone', late.go)
      await vi.advanceTimersByTimeAsync(60_000)
      const second = inTurn(id, how, next.go)
      await settle()
      expect(next.begun()).toBe(true)
      next.end()
      expect(await second).toBe('done')
      expect(late.check).toThrow('The storage took so long that others have gone ahead')
      expect(busy()).toBe(0)
      late.end()
      await first
    },
  )

  it('turn away who has waited for more than 5 s, since nobody waits for the answer', async () => {
    const id = newId()
    const all = Array.from({ length: 5 }, work)
    const turns = all.map((one) =>
      inTurn(id, 'alone', one.go).catch((error: Error) => error.message),
    )
    await vi.advanceTimersByTimeAsync(7500)
    expect(all.map((one) => one.begun())).toEqual([true, true, true, false, false])
    for (const one of all) one.end()
    expect((await Promise.all(turns)).slice(3)).toEqual(
      [3, 4].map(() => `Session ${id} was busy for too long`),
    )
  })

  it('leave nothing behind, whether their work ended, failed or hung', async () => {
    const all = Array.from({ length: 4 }, work)
    const ids = [newId(), newId()]
    const turns = all.map((one, index) =>
      inTurn(ids[index % 2] ?? '', index < 2 ? 'alone' : 'together', one.go).catch(() => {}),
    )
    expect(busy()).toBe(2)
    all[0]?.end()
    all[2]?.fail()
    await vi.advanceTimersByTimeAsync(5000)
    expect(busy()).toBe(0)
    for (const one of all) one.end()
    await Promise.all(turns)
    expect(busy()).toBe(0)
  })
})
