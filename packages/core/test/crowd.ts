import { expect } from 'vitest'
import { isCarried } from './carrier.ts'
import { isRemote } from './new-store.ts'
import { type Data, pause } from './rounds.ts'
import type { Site } from './site.ts'

export const users = isRemote() || isCarried() ? 10 : 50

/** Twenty requests of each, in which they see their own number; their cookies. */
export async function crowd(
  { visit }: Site<Data>,
  random: () => number,
): Promise<(string | null)[]> {
  const first = await Promise.all(
    Array.from({ length: users }, (_, user) => visit(null, (session) => session.set('user', user))),
  )
  const cookies = first.map(({ cookie }) => cookie)
  await Promise.all(
    Array.from({ length: 20 * users }, async (_, i) => {
      const user = i % users
      await pause(random)
      await visit(cookies[user] ?? null, async (session) => {
        expect(session.get('user')).toBe(user)
        await pause(random)
        session.update('visits', (n = 0) => n + 1)
        expect(session.get('user')).toBe(user)
      })
    }),
  )
  return cookies
}
