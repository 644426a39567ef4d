import { randomBytes } from 'node:crypto'
import type { SessionRecord, Store } from '@sojourn/core'

const DAY = 86_400_000
const AT_ONCE = 256

/** When the sessions end that live on while all this goes on. */
export const tomorrow = (): number => Date.now() + DAY

/** A session of a small shop: 300 bytes of data, and every second one signed in. */
export function sample(index: number, subject?: string): SessionRecord {
  const now = Date.now()
  return {
    id: randomBytes(24).toString('base64url'),
    format: 1,
    version: 1,
    generation: index % 2,
    graceUntil: null,
    createdAt: now,
    startedAt: now,
    generatedAt: now,
    lastSeenAt: now,
    subject: subject ?? (index % 2 ? `user-${index}` : null),
    authentications: index % 2 ? [{ method: 'password', at: now }] : [],
    persistent: false,
    device: null,
    data: {
      locale: 'en-GB',
      basket: [1, 2, 3].map((n) => ({ article: `article-${index + n}`, quantity: n, price: 1299 })),
      recent: Array.from({ length: 8 }, (_, n) => `/articles/${index + n}`),
    },
  }
}

/** Keeps so many sessions; the ids of all that were made. */
export async function populate(
  store: Store,
  count: number,
  subject?: string,
  expiresAt: () => number = tomorrow,
): Promise<string[]> {
  const ids: string[] = []
  let made = 0
  async function make(): Promise<void> {
    while (made < count) {
      const record = sample(made++, subject)
      if (!(await store.create(record, expiresAt()))) throw new Error('An id was taken')
      ids.push(record.id)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, make))
  return ids
}
