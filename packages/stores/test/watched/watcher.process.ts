import type { AnyStore, Awaitable } from '@sojourn/core'
import { type Notifications, watched } from '@sojourn/stores/watched'
import { sample } from '../kit/records.ts'

/** A module by which a process opens the store that is watched, and what tells of it. */
export interface OpensWatched {
  openWatched(where: string): Awaitable<{ store: AnyStore; notifications: Notifications }>
}

/** What such a process is asked to do with a session. */
export interface Order {
  readonly order: 'create' | 'watch' | 'revoke'
  readonly id?: string
}

/** What it tells. */
export type Report =
  | { readonly report: 'ready' | 'watching' | 'revoked' }
  | { readonly report: 'created'; readonly id: string }
  | { readonly report: 'ended'; readonly id: string; readonly reason: string }
  | { readonly report: 'error'; readonly text: string }

const HOUR = 3_600_000
const [opener = '', where = ''] = process.argv.slice(2)
const { openWatched }: OpensWatched = await import(opener)
const { store: shared, notifications } = await openWatched(where)
const store = watched(shared, {
  notifications,
  // So long that none of its looks is taken for a message.
  recheck: HOUR / 1000,
  onError: (error) => tell({ report: 'error', text: String(error) }),
})

const does: Record<Order['order'], (id: string) => Promise<Report> | Report> = {
  async create() {
    const record = sample(Date.now())
    await store.create(record, Date.now() + HOUR)
    return { report: 'created', id: record.id }
  },
  watch(id) {
    store.watch(id, (reason) => tell({ report: 'ended', id, reason }))
    return { report: 'watching' }
  },
  async revoke(id) {
    await store.delete(id)
    return { report: 'revoked' }
  },
}

process.on('message', async ({ order, id = '' }: Order) => tell(await does[order](id)))
tell({ report: 'ready' })

function tell(report: Report): void {
  process.send?.(report)
}
