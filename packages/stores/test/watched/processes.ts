import { type AnyStore, memoryStore } from '@sojourn/core'
import { type EndReason, type Notifications, watched } from '@sojourn/stores/watched'
import { expect } from 'vitest'
import { sample } from '../kit/records.ts'

const LONG = 3_600_000

/** A process with connections of its own, before the store that it shares with the others. */
export interface Member {
  readonly notifications: Notifications
  close(): unknown
}

export interface Cluster {
  /** A store of the same records as the others, and what went wrong in it. */
  join(): Promise<{ store: ReturnType<typeof watched<AnyStore>>; errors: unknown[] }>
  /** A record that is in the store, and whose watches are read again no sooner than in an hour. */
  record(): Promise<string>
  close(): Promise<void>
}

export function cluster(
  open: () => Promise<Member> | Member,
  shared: AnyStore = memoryStore(),
): Cluster {
  const closers: (() => unknown)[] = []
  return {
    async join() {
      const member = await open()
      const errors: unknown[] = []
      const store = watched(shared, {
        notifications: member.notifications,
        recheck: LONG / 1000,
        onError: (error) => void errors.push(error),
      })
      closers.push(async () => {
        await store.unwatchAll()
        await member.close()
      })
      return { store, errors }
    },
    async record() {
      const record = sample(Date.now())
      await shared.create(record, Date.now() + LONG)
      return record.id
    },
    async close() {
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}

/** A watch, and the reason that it is told. */
export function watching(
  store: { watch: ReturnType<typeof watched<AnyStore>>['watch'] },
  id: string,
) {
  const told = Promise.withResolvers<EndReason>()
  const reasons: EndReason[] = []
  store.watch(id, (reason) => {
    reasons.push(reason)
    told.resolve(reason)
  })
  return { told: told.promise, reasons }
}

/** Until messages reach a store: it has heard of a session that ended elsewhere. */
export async function untilHeard(
  from: Cluster,
  teller: AnyStore,
  listener: Parameters<typeof watching>[0],
) {
  for (;;) {
    const id = await from.record()
    const { told } = watching(listener, id)
    await teller.delete(id)
    const reason = await Promise.race([told, new Promise((resolve) => setTimeout(resolve, 50))])
    if (reason === 'revoked') return
    // One that is looked at before it is heard of is gone.
    expect([undefined, 'gone']).toContain(reason)
  }
}
