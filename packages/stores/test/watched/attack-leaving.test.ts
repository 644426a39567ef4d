import { memoryStore } from '@sojourn/core'
import { type Notifications, watched } from '@sojourn/stores/watched'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise(() => {})

/** A store that watches, and what is known of its leaving. */
async function leaving(subscribe: Notifications['subscribe']) {
  const errors: unknown[] = []
  const store = watched(memoryStore(), {
    notifications: { publish() {}, subscribe },
    onError: (error) => void errors.push(error),
  })
  store.watch('id', () => {})
  await vi.advanceTimersByTimeAsync(0)
  const told: unknown[] = []
  store.unwatchAll().then(
    () => told.push('left'),
    (error) => told.push(error),
  )
  await vi.advanceTimersByTimeAsync(0)
  return { told, errors }
}

// node-redis and ioredis keep what they are asked until their server is back.
describe('unwatchAll, of a process that ends while nobody answers', () => {
  it.each<[string, Notifications['subscribe']]>([
    ['has not subscribed yet', never],
    ['cannot unsubscribe', () => never],
  ])('ends within a second where it %s', async (_, subscribe) => {
    const { told } = await leaving(subscribe)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(1000)
    expect(told).toEqual(['left'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('unsubscribes still when it has subscribed at last, and reports what fails then', async () => {
    const error = new Error('closed')
    const subscribed = Promise.withResolvers<() => unknown>()
    const unsubscribe = vi.fn(() => Promise.reject(error))
    const { errors } = await leaving(() => subscribed.promise)
    await vi.advanceTimersByTimeAsync(1000)
    subscribed.resolve(unsubscribe)
    await vi.advanceTimersByTimeAsync(0)
    expect(unsubscribe).toHaveBeenCalledOnce()
    expect(errors).toEqual([error])
  })

  it('leaves no timer where it is answered', async () => {
    const { told } = await leaving(() => () => {})
    expect(told).toEqual(['left'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
